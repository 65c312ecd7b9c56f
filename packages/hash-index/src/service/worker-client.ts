import { HashIndexError, type HashIndexErrorCode } from '../errors.ts';
import type { Calls, Port, Reply } from './protocol.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: HashIndexError): void;
}

/** The asking half of a port: each call a promise, refusals with the code the worker gave. */
export class WorkerClient {
  readonly #port: Port;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #ended: HashIndexErrorCode | undefined;

  constructor(port: Port) {
    this.#port = port;
    port.listen((message) => this.#receive(message as Reply));
  }

  ask<Name extends keyof Calls>(
    name: Name,
    args: Parameters<Calls[Name]>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<ReturnType<Calls[Name]>> {
    if (this.#ended) return Promise.reject(new HashIndexError(this.#ended));
    const call = this.#calls++;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(call, { resolve, reject }));
    this.#port.post({ call, name, args }, transfer);
    return answer as Promise<ReturnType<Calls[Name]>>;
  }

  /** Refuses all that waits and all that comes with this code. */
  end(code: HashIndexErrorCode): void {
    this.#ended ??= code;
    for (const { reject } of this.#waiting.values()) reject(new HashIndexError(this.#ended));
    this.#waiting.clear();
  }

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.call);
    this.#waiting.delete(reply.call);
    if ('code' in reply) waiting?.reject(new HashIndexError(reply.code));
    else waiting?.resolve(reply.value);
  }
}
