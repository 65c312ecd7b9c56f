import { type ErrorBody, type ErrorCode, errorStatus } from '@accord/protocol';

/** The one way a feature says no. Becomes `ErrorBody` with the code's status at the edge. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail: { readonly field?: string; readonly retryAfter?: number } = {}) {
    super(code);
    this.code = code;
    this.field = detail.field;
    this.retryAfter = detail.retryAfter;
  }

  get status(): number {
    return errorStatus[this.code];
  }

  body(): ErrorBody {
    return {
      code: this.code,
      ...(this.field !== undefined && { field: this.field }),
      ...(this.retryAfter !== undefined && { retryAfter: this.retryAfter }),
    };
  }
}
