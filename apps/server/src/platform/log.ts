import { type DestinationStream, pino, stdTimeFunctions } from 'pino';

/** Structured log. Callers pass codes, counts and durations; never a body, pseudonym, hash or address. */
export type Log = ReturnType<typeof createLog>;

/** Lines of JSON on standard error, or where `destination` says. Standard output is for words to the operator. */
export function createLog(level: string, destination: DestinationStream = pino.destination(2)) {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    // An error may quote a row or a body in its message: only its class, code and stack frames are kept.
    serializers: { err: describeError },
  };
  return pino(options, destination);
}

function describeError(error: unknown): { type: string; code?: string; at?: string[] } {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = (error as { code?: unknown }).code;
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    at: frames.slice(0, 8).map((line) => line.trim()),
  };
}
