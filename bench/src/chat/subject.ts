/** A connected client of a server under test. */
export interface ClientOf {
  /** Sends one message to a contact; `due` (milliseconds of `performance.now`) must come back with it. */
  send(to: number, due: number): void;
  close(): void;
}

/** Called when a message arrives at client `at`. */
export type Arrival = (at: number, due: number) => void;

/** A server under test, started. */
export interface Subject {
  readonly name: string;
  /** The processes that count as the server, with all that they started. */
  readonly pids: readonly number[];
  connect(client: number, arrival: Arrival): Promise<ClientOf>;
  /** Logins at a time that the server takes. */
  readonly loginsAtOnce: number;
  stop(): Promise<void>;
}

/** Clients, and whom each of them talks to: the same for every server. */
export interface Circle {
  readonly clients: number;
  /** Pairs of contacts, each once. Every client has ten. */
  readonly pairs: readonly (readonly [number, number])[];
  contactsOf(client: number): readonly number[];
}

const strides = [37, 74, 111, 148];

/**
 * People talk to a few others, not to anybody: each client has ten contacts, its neighbour in the pairs of the
 * closed loop, the one opposite, and four at fixed distances on either side. `clients` is even and beyond 400.
 */
export function createCircle(clients: number): Circle {
  const half = clients / 2;
  const pairs: [number, number][] = [];
  for (let i = 0; i < clients; i += 2) pairs.push([i, i + 1]);
  for (let i = 0; i < half; i += 1) pairs.push([i, i + half]);
  for (const stride of strides) for (let i = 0; i < clients; i += 1) pairs.push([i, (i + stride) % clients]);
  const contacts: number[][] = Array.from({ length: clients }, () => []);
  for (const [one, other] of pairs) {
    contacts[one]?.push(other);
    contacts[other]?.push(one);
  }
  return { clients, pairs, contactsOf: (client) => contacts[client] ?? [] };
}

/** Bytes of the MLS message that carries 200 bytes of text, and characters of it where bytes must be base64. */
export const messageBytes = 331;
export const messageCharacters = 440;

/** A body for text protocols that carries its due time before a colon. */
const padding = 'x'.repeat(messageCharacters);
export const textBody = (due: number): string => `${due.toFixed(3)}:${padding}`.slice(0, messageCharacters);
export const dueOfText = (text: string): number => Number(text.slice(0, text.indexOf(':')));
