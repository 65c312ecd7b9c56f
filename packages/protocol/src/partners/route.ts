import type { z } from 'zod';

/**
 * What a key may do. `hash`: have pictures hashed. `match`: ask the banks. `banks.read`, `banks.write`: list banks, change their
 * contents. `exchanges`: see with whom hashes are exchanged. `notices`: file requests at the desk, follow them, be told of
 * decisions.
 */
export const partnerScopes = ['hash', 'match', 'banks.read', 'banks.write', 'exchanges', 'notices'] as const;
export type PartnerScope = (typeof partnerScopes)[number];

/**
 * One route of the interfaces for other platforms, with its shapes beside it: no browser reads this table, so that nothing is
 * won by keeping them apart.
 */
export interface PartnerRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** The scope that it takes; `key`: any key; `anyone`: none. */
  readonly scope: PartnerScope | 'key' | 'anyone';
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** What the body is where it is no JSON: a picture's bytes, JSON lines, or a form with one file. */
  readonly takes?: 'picture' | 'lines' | 'form';
  readonly reply: z.ZodType;
  /** Text alone, or JSON lines; else JSON. */
  readonly gives?: 'text' | 'lines';
  /** Where it succeeds; 200 by default. */
  readonly status?: 201 | 204;
}

/** Errors of the interfaces that are not those of the page. */
export const keyRequired = { status: 401, code: 'key_required' } as const;
