import { type Actor, maySee } from '@accord/case-model';
import { distance, turned } from '@accord/perceptual';
import type { Reply } from '@accord/protocol';
import type { Neighbours } from '../matching/types.ts';
import type { Parts } from './parts.ts';
import { provedPictures } from './reported-pictures.ts';

type Matches = Reply<'cases.matches'>;
type Banked = Neighbours['banked'][number];

/** PDQ's floor: what is flatter matches by accident. */
const leastQuality = 50;

/** Our own banks name the case that spoke. */
const fromCase = (source: string): { readonly source: string; readonly caseId: string | null } =>
  source.startsWith('case:') ? { source: 'case', caseId: source.slice(5) } : { source, caseId: null };

/**
 * The evidence of the match for one of the staff, picture by picture: what is near, how near, how turned, and who says so. Never the
 * hash, nor which of its bits differ: whoever chose the picture that is asked about could work out the other hash from those.
 */
export async function matchesOf(parts: Parts, staff: Actor, caseId: string): Promise<Matches> {
  const items = await parts.platform.db
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
      const asked = new Uint8Array(hash);
      const { banked, registered } = await parts.elsewhere.matching.neighbours(asked);
      // What this case itself put there is no evidence.
      const others = banked.filter(({ source }) => fromCase(source).caseId !== caseId);
      found.push({
        itemId: id,
        banked: await Promise.all(others.map((one) => told(parts, staff, asked, one))),
        registered: [...registered],
      });
    }
    return { items: found, complete: true };
  } catch (error) {
    parts.platform.log.warn({ err: error }, 'the banks are away: a case is shown without what they say');
    return { items: found, complete: false };
  }
}

/** With the other case that spoke, and its picture where it can be looked at, for those who may see that case. */
async function told(parts: Parts, staff: Actor, asked: Uint8Array, one: Banked) {
  const { at, source, ...near } = one;
  const spoke = fromCase(source);
  const said = { ...near, source: spoke.source, since: at.getTime() };
  const row =
    spoke.caseId === null
      ? undefined
      : await parts.platform.db
          .selectFrom('desk_case')
          .select(['id', 'state'])
          .where('id', '=', spoke.caseId)
          .executeTakeFirst();
  if (row === undefined || !maySee(row.state, staff)) return { ...said, caseId: null, pictureItem: null };
  return { ...said, caseId: row.id, pictureItem: await pictureOf(parts, row.id, asked, one) };
}

/** The message of a case that carried the very picture that is near: only what a member proved can be shown. */
async function pictureOf(
  parts: Parts,
  caseId: string,
  asked: Uint8Array,
  { kind, turn, distance: apart }: Banked,
): Promise<string | null> {
  // A crop has a hash of its own, which no message tells.
  if (kind !== 'whole') return null;
  const hash = turned(asked)[turn];
  const pictures = await provedPictures(parts, caseId);
  return pictures.find(({ pdq }) => distance(pdq, hash) === apart)?.itemId ?? null;
}
