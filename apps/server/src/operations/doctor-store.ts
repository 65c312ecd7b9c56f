import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { folderBlobs } from '../platform/blobs.ts';
import { assertBucket, openBucket, s3Blobs } from '../platform/blobs-s3.ts';
import type { Config } from '../platform/config.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Written, read, listed and deleted again; the same names, so that a look that was broken off leaves nothing more behind. */
const probes = ['probe/doctor', 'probe/doctor-too'] as const;

/** The object store for ciphertexts, where there is one: whether it keeps what it is given, and loses what it is told to. */
export async function examineStore({ s3 }: Config, folder: string): Promise<Finding[]> {
  if (s3 === undefined) return [];
  const where = `ciphertexts: bucket ${s3.bucket} at ${s3.endpoint}`;
  const findings: Finding[] = [];
  try {
    const bucket = await openBucket(s3);
    await assertBucket(bucket, s3);
    const began = performance.now();
    const isRight = await keepsAndLoses(s3Blobs(bucket));
    const ms = Math.round(performance.now() - began);
    if (!isRight)
      return [
        fail(
          `${where} gives back, lists or keeps something else`,
          'Is it an S3 service, and nothing in between that changes bodies?',
        ),
      ];
    findings.push(ok(`${where}, eight calls in ${ms} ms`), ...(await examineVersions(bucket, where)));
  } catch (error) {
    return [
      fail(
        `${where} can't be used (${(error as Error).message})`,
        'Pictures can be neither sent nor opened until it can.',
      ),
    ];
  }
  const left = await folderBlobs(join(folder, 'blobs')).list('pictures/');
  if (left.length > 0) {
    findings.push(
      warn(
        `ciphertexts: ${left.length} lie in ${join(folder, 'blobs')}, where nobody looks any more`,
        'Copy the folder into the bucket under the same names, then remove it.',
      ),
    );
  }
  return findings;
}

/** All that the server does with a store; lists and deleting several at once are where services differ most. */
async function keepsAndLoses(blobs: ReturnType<typeof s3Blobs>): Promise<boolean> {
  const bytes = randomBytes(1000);
  const [probe] = probes;
  for (const name of probes) await blobs.put(name, bytes);
  const whole = await blobs.get(probe);
  const rest = await blobs.read(probe, 400);
  const part = rest === undefined ? undefined : await buffer(rest.stream);
  const listed = await blobs.list('probe/');
  await blobs.remove(probes);
  const gone = (await blobs.get(probe)) === undefined && (await blobs.list('probe/')).length === 0;
  const isSame = whole?.equals(bytes) === true && part?.equals(bytes.subarray(400)) === true;
  return isSame && listed.join() === probes.join() && gone;
}

/** A bucket that keeps versions deletes nothing. Keys that may not ask are no fault. */
async function examineVersions(
  bucket: Awaited<ReturnType<typeof openBucket>>,
  where: string,
): Promise<Finding[]> {
  const state = await bucket.getBucketVersioning().catch(() => 'unknown' as const);
  if (state === 'Off') return [];
  if (state === 'unknown') {
    return [
      warn(`${where}: these keys may not ask whether it keeps old versions`, 'See to it that it does not.'),
    ];
  }
  return [
    fail(
      `${where} keeps versions (${state}): what is deleted stays there`,
      'Make a bucket without versioning, object lock and replication.',
    ),
  ];
}
