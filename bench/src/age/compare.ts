import { readAnchor, redirectTranscript, verifyProofOfAge } from '@accord/age-proof';
import { nodePrimitives } from '@accord/age-proof/node';
import { type Cast, makeCast, now, session } from '@accord/age-proof/testing';
import { owfIssue, owfPresent, owfVerify } from '@accord/age-proof/testing/independent';

/** Milliseconds at a share of the sorted times. */
const at = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;

interface Cost {
  /** Milliseconds from call to verdict, with whatever else the machine does meanwhile. */
  readonly wall: number;
  /** Milliseconds of processor time of the whole process, all its threads. */
  readonly cpu: number;
}

async function cost(what: () => Promise<void>): Promise<Cost> {
  const before = process.cpuUsage();
  const start = performance.now();
  await what();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000 };
}

function tell(name: string, costs: readonly Cost[], say: (line: string) => void): void {
  const shown = (['wall', 'cpu'] as const).map((kind) => {
    const times = costs.map((one) => one[kind]);
    return `${kind} p50 ${at(times, 0.5).toFixed(2)} p95 ${at(times, 0.95).toFixed(2)} ms`;
  });
  say(`verify, ${name}: ${shown.join(', ')}, of ${costs.length}`);
}

/** Fresh presentations of fresh attestations, so that no cache answers. */
async function responses(cast: Cast, count: number): Promise<readonly Uint8Array[]> {
  const out: Uint8Array[] = [];
  const transcript = await redirectTranscript(session);
  for (let i = 0; i < count; i += 1) out.push(await owfPresent(cast, await owfIssue(cast), transcript));
  return out;
}

/** Verifies the same responses with both, in turns. @throws {Error} when either refuses a good one */
export async function compare(runs: number, say: (line: string) => void): Promise<void> {
  const cast = await makeCast();
  const sessionTranscript = await redirectTranscript(session);
  // As the server does it: anchors read once, Node's own crypto.
  const anchors = [await readAnchor(cast.caCertificate, undefined, nodePrimitives)];
  const terms = { sessionTranscript, anchors, now, primitives: nodePrimitives };
  const [ours, theirs]: [Cost[], Cost[]] = [[], []];
  const presented = await responses(cast, 20);
  for (let run = -50; run < runs; run += 1) {
    const response = presented[(run + 50) % presented.length] as Uint8Array;
    const own = await cost(async () => {
      const verdict = await verifyProofOfAge(response, terms);
      if (!verdict.ok) throw new Error(`ours refuses: ${verdict.code}`);
    });
    const other = await cost(async () => {
      if (!(await owfVerify(cast, response))) throw new Error('@owf/mdoc refuses');
    });
    // The first fifty warm both up.
    if (run < 0) continue;
    ours.push(own);
    theirs.push(other);
  }
  tell('ours', ours, say);
  tell('@owf/mdoc 0.6.0', theirs, say);
  const ratio = (kind: keyof Cost) =>
    at(
      theirs.map((one) => one[kind]),
      0.5,
    ) /
    at(
      ours.map((one) => one[kind]),
      0.5,
    );
  say(
    `theirs costs ${ratio('wall').toFixed(1)} times ours by the clock, ${ratio('cpu').toFixed(1)} in processor time`,
  );
}
