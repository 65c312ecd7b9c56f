import { z } from 'zod';
import { adult } from './accounts.ts';
import { id } from './primitives.ts';

const method = z.object({
  id: z.string(),
  /** How the method is told to a person; `test` proves nothing and exists on loopback only. */
  kind: z.enum(['test', 'wallet', 'provider']),
});

export const gate = {
  'gate.read': { reply: z.object({ methods: z.array(method), adult: adult.nullable() }) },
  'gate.begin': {
    body: z.strictObject({ method: z.string().max(40) }),
    reply: z.object({ proofId: id, present: z.object({ kind: z.literal('redirect'), url: z.string() }) }),
  },
  'gate.finish': {
    params: z.strictObject({ proofId: id }),
    body: z.strictObject({ response: z.string().max(16_384) }),
    reply: z.object({ adult }),
  },
};
