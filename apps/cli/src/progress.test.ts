import { expect, it } from 'vitest';
import { progressBar } from './progress.ts';

it('draws nothing for short work, a bar for long work, and takes it away at the end', () => {
  let time = 0;
  let screen = '';
  const bar = progressBar({ write: (text) => (screen += text) }, () => time);
  bar(0, 10);
  bar(5, 10);
  expect(screen).toBe('');
  time = 600;
  bar(6, 10);
  expect(screen).toContain('6 of 10');
  expect(screen).toContain('█'.repeat(18) + '░'.repeat(12));
  bar(10, 10);
  expect(screen.endsWith('\r\u001b[K')).toBe(true);
  // The next work of the same command, of which nobody knows how long it is.
  bar(1000);
  time = 1200;
  bar(2000);
  expect(screen.endsWith('\r2000 so far')).toBe(true);
  bar(1, 1);
  expect(screen.endsWith('\r\u001b[K')).toBe(true);
});
