export const talk = {
  title: 'Conversations',
};
