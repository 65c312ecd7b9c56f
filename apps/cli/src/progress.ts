const width = 30;
/** Work shorter than this shows no bar, in ms. */
const quiet = 500;

/** A bar, or a count where nobody knows the end, on one line of a terminal that vanishes when the work is done. */
export function progressBar(
  terminal: { write(text: string): unknown },
  now: () => number = Date.now,
): (done: number, total?: number) => void {
  let began: number | undefined;
  let shown = false;
  return (done, total) => {
    began ??= now();
    if (now() - began < quiet && !shown) return;
    if (total === undefined) terminal.write(`\r${done} so far`);
    else if (done >= total) {
      if (shown) terminal.write('\r\u001b[K');
      [began, shown] = [undefined, false];
      return;
    } else {
      const filled = Math.floor((width * done) / total);
      terminal.write(`\r${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done} of ${total}`);
    }
    shown = true;
  };
}
