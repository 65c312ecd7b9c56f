import type { Messages } from '../index.ts';

export const talk: Messages['talk'] = {
  title: 'Discussions',
};
