import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';

interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Names this very sending: one that is repeated after a crash can be told from a second one. */
  readonly messageId: string;
}

/** The way out for letters to other platforms; null where none is set up, and they are sent by hand. */
export type Post = { send(letter: Letter): Promise<void> } | null;

const patienceMs = 20_000;
/** For the whole of a letter: one who says a line now and then would hold up the desk's clocks with it. */
const wholeMs = 60_000;

/** SMTP by its address (`smtps://user:password@host`), from an address that can be answered. */
export function smtpPost(url: string | undefined, from: string | undefined, withinMs = wholeMs): Post {
  if (url === undefined || from === undefined) return null;
  const transport = createTransport({
    url,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text, messageId }) {
      const ended = new AbortController();
      const late = sleep(withinMs, undefined, { signal: ended.signal }).then(() => {
        throw new Error('the mail server took too long');
      });
      const sent = transport.sendMail({ from, to, subject, text, messageId });
      await Promise.race([sent, late]).finally(() => ended.abort());
    },
  };
}
