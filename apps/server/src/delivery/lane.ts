import type pg from 'pg';

/** Milliseconds after which a database that does not answer counts as away. */
const patienceMs = 15_000;

/**
 * One connection kept for one kind of statement, with settings of its own. After a failure it is thrown away,
 * for nothing is known of its state, and the next use opens another; so it is when the database does not answer.
 */
export class Lane {
  readonly #pool: pg.Pool;
  readonly #settings: string;
  #client: pg.PoolClient | undefined;
  #busy = false;
  /** One for all that is run, put off by each: a timer each would cost more than it guards. */
  readonly #patience: NodeJS.Timeout;

  constructor(pool: pg.Pool, settings: string) {
    this.#pool = pool;
    this.#settings = settings;
    this.#patience = setInterval(() => {
      if (this.#busy) this.#drop(new Error('Connection terminated: no answer'));
    }, patienceMs);
    this.#patience.unref();
  }

  /** Runs `work` on the connection; the caller sees to it that one runs at a time. */
  async run<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    this.#client ??= await this.#open();
    this.#busy = true;
    this.#patience.refresh();
    try {
      return await work(this.#client);
    } catch (error) {
      this.#drop(error instanceof Error ? error : new Error('failed'));
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  close(): void {
    clearInterval(this.#patience);
    // Its settings are its own: the connection must not go back to the others.
    this.#drop(new Error('closed'));
  }

  async #open(): Promise<pg.PoolClient> {
    const client = await this.#pool.connect();
    const onError = () => this.#drop(new Error('broken'), client);
    client.on('error', onError);
    try {
      await client.query(this.#settings);
    } catch (error) {
      client.release(true);
      throw error;
    }
    return client;
  }

  #drop(reason: Error, client = this.#client): void {
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    client.release(reason);
  }
}
