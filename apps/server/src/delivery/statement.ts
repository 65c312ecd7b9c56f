import type pg from 'pg';

/** A parameter: text, or a `Buffer` in PostgreSQL's binary format. */
type Value = string | Buffer;

/** The driver's connection where it is wider than its types. */
interface Wire {
  parse(query: { name: string; text: string }): void;
  bind(config: { statement: string; values: readonly Value[] }): void;
  execute(config: { portal?: string }): void;
  sync(): void;
  readonly stream: { cork(): void; uncork(): void };
}

interface Outcome<R> {
  /** Columns as the database writes them in text. */
  readonly rows: readonly R[];
  /** Rows changed or returned. */
  readonly count: number;
}

/**
 * A statement that is prepared once on a connection and run a thousand times. The driver's own query asks each time for
 * the types of the columns, which costs both sides, and its promise and timer keep what they served until all old
 * objects are looked at. Every parameter's type must be said in the text.
 */
export class Statement<R extends readonly (string | null)[]> {
  readonly #name: string;
  readonly #text: string;
  readonly #prepared = new WeakSet<object>();

  constructor(name: string, text: string) {
    this.#name = name;
    this.#text = text;
  }

  /** @throws what the driver throws; then the connection must not be used again */
  run(client: pg.ClientBase, values: readonly Value[]): Promise<Outcome<R>> {
    return new Promise((resolve, reject) => {
      client.query(new Run<R>((wire) => this.#submit(wire, values), resolve, reject));
    });
  }

  #submit(wire: Wire, values: readonly Value[]): void {
    wire.stream.cork();
    if (!this.#prepared.has(wire)) {
      this.#prepared.add(wire);
      wire.parse({ name: this.#name, text: this.#text });
    }
    wire.bind({ statement: this.#name, values });
    wire.execute({});
    wire.sync();
    wire.stream.uncork();
  }
}

/** What the driver calls while a statement runs. */
class Run<R> implements pg.Submittable {
  readonly #send: (wire: Wire) => void;
  readonly #resolve: (outcome: Outcome<R>) => void;
  readonly #reject: (error: Error) => void;
  readonly #rows: R[] = [];
  #count = 0;

  constructor(
    send: (wire: Wire) => void,
    resolve: (outcome: Outcome<R>) => void,
    reject: (error: Error) => void,
  ) {
    this.#send = send;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: pg.Connection): void {
    this.#send(connection as unknown as Wire);
  }

  handleDataRow({ fields }: { readonly fields: R }): void {
    this.#rows.push(fields);
  }

  /** `DELETE 3`, `SELECT 40`. */
  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#count = Number(text.slice(text.lastIndexOf(' ') + 1));
  }

  handleReadyForQuery(): void {
    this.#resolve({ rows: this.#rows, count: this.#count });
  }

  handleError(error: Error): void {
    this.#reject(error);
  }
}

const arrayHead = 20;
const types = { int4: { oid: 23, bytes: 4 }, int8: { oid: 20, bytes: 8 }, uuid: { oid: 2950, bytes: 16 } };

/**
 * An array of one dimension in PostgreSQL's binary format (array_recv): dimensions, whether there are nulls, the type;
 * elements, the first one's index; then each element's length and bytes. `write` puts those of an element.
 */
export function binaryArray(
  type: keyof typeof types,
  count: number,
  write: (out: Buffer, at: number, i: number) => void,
): Buffer {
  const { oid, bytes } = types[type];
  const out = Buffer.allocUnsafe(arrayHead + count * (4 + bytes));
  let at = out.writeInt32BE(count === 0 ? 0 : 1, 0);
  at = out.writeInt32BE(0, at);
  at = out.writeInt32BE(oid, at);
  at = out.writeInt32BE(count, at);
  at = out.writeInt32BE(1, at);
  for (let i = 0; i < count; i += 1) {
    at = out.writeInt32BE(bytes, at);
    write(out, at, i);
    at += bytes;
  }
  return out;
}

/** A count up to 2^53 as an `int8`. */
export function putCount(out: Buffer, at: number, value: number): void {
  out.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  out.writeUInt32BE(value >>> 0, at + 4);
}
