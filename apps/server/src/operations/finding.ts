/** What one look found, and what to do about it when it is not well. */
export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly remedy?: string;
}

export const ok = (what: string): Finding => ({ state: 'ok', what });
export const warn = (what: string, remedy: string): Finding => ({ state: 'warn', what, remedy });
export const fail = (what: string, remedy: string): Finding => ({ state: 'fail', what, remedy });
