import { verifyProofOfAge } from '@accord/age-proof';
import { forgeries, makeCast, now } from '@accord/age-proof/testing';
import { owfVerify } from '@accord/age-proof/testing/independent';

/** Shows every forgery to both. A reader of @owf/mdoc is a naive one: resolved, and the claim reads `true`. */
export async function oppose(say: (line: string) => void): Promise<void> {
  const cast = await makeCast();
  let refused = 0;
  const fooled: string[] = [];
  for (const { name, make } of forgeries) {
    const { response, terms } = await make(cast);
    const { anchors, transcript: sessionTranscript } = cast;
    const verdict = await verifyProofOfAge(response, { anchors, sessionTranscript, now, ...terms });
    if (!verdict.ok) refused += 1;
    if (await owfVerify(cast, response, terms?.anchors)) fooled.push(name);
  }
  say(
    `forgeries refused: ours ${refused} of ${forgeries.length}, @owf/mdoc 0.6.0 ${forgeries.length - fooled.length}`,
  );
  for (const name of fooled) say(`  @owf/mdoc accepts: ${name}`);
}
