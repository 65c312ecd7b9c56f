import type { Reply } from '@accord/protocol';
import type { Parts } from './parts.ts';

type Matches = Reply<'cases.matches'>;

/** PDQ's floor: what is flatter matches by accident. */
const leastQuality = 50;

/** Our own banks name the case that spoke. */
const fromCase = (source: string): { readonly source: string; readonly caseId: string | null } =>
  source.startsWith('case:') ? { source: 'case', caseId: source.slice(5) } : { source, caseId: null };

/** The evidence of the match, picture by picture: what is near, how near, how turned, and who says so. Never the hash. */
export async function matchesOf({ elsewhere, platform }: Parts, caseId: string): Promise<Matches> {
  const items = await platform.db
    .selectFrom('case_item')
    .select(['id', 'hash', 'quality'])
    .where('case_id', '=', caseId)
    .where('hash', 'is not', null)
    .orderBy('id')
    .execute();
  const found: Matches['items'] = [];
  try {
    for (const { id, hash, quality } of items) {
      if (hash === null || (quality ?? 0) < leastQuality) continue;
      const { banked, registered } = await elsewhere.matching.neighbours(new Uint8Array(hash));
      found.push({
        itemId: id,
        banked: banked
          .map(({ at, source, ...rest }) => ({ ...rest, ...fromCase(source), since: at.getTime() }))
          // What this case itself put there is no evidence.
          .filter((one) => one.caseId !== caseId),
        registered: [...registered],
      });
    }
    return { items: found, complete: true };
  } catch (error) {
    platform.log.warn({ err: error }, 'the banks are away: a case is shown without what they say');
    return { items: found, complete: false };
  }
}
