import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { mediaLimits } from '@accord/protocol';
import { S3mini, S3ServiceError } from 's3mini';
import { z } from 'zod';
import { assertBlobName, type Blobs } from './blobs.ts';
import { ConfigError } from './config.ts';
import type { S3Config } from './config-s3.ts';
import { asFetch, wayOut } from './outside.ts';
import { operatorsOrigins } from './outside-policy.ts';
import { readSecret, SecretError } from './secret-setting.ts';

/** Keys to a bucket, as an operator writes them. */
const credentials = z.strictObject({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) });

/**
 * A ciphertext, or a page of a listing. Whoever is sent a picture may have a slow line, and the store waits with it: what is bounded
 * closely is when it begins.
 */
const bounds = { mostBytes: 2 * mediaLimits.ciphertextBytes, headMs: 30_000, wholeMs: 60 * 60_000 };
/** Waits before the same is asked again, in milliseconds: all that we ask may be asked twice. */
const pauses = [100, 500];
/** What a store says when it has too much to do, or something of it is away. */
const passing = new Set([429, 500, 502, 503, 504]);

/** Asks, and asks again where the network or the store failed for a moment. */
const patientFetch =
  (ask: typeof fetch): typeof fetch =>
  async (input, init) => {
    for (let tried = 0; ; tried += 1) {
      const pause = pauses[tried];
      try {
        const answer = await ask(input, init);
        if (pause === undefined || !passing.has(answer.status)) return answer;
        await answer.body?.cancel();
      } catch (error) {
        if (pause === undefined) throw error;
      }
      await sleep(pause);
    }
  };

const isAbsent = (error: unknown): boolean =>
  error instanceof S3ServiceError && error.status === 404 && error.serviceCode !== 'NoSuchBucket';

/** The client of the bucket. Path style, unless the endpoint's host begins with the bucket's name. @throws {ConfigError} */
export async function openBucket(config: S3Config): Promise<S3mini> {
  const { endpoint, bucket, region } = config;
  const named = new URL(endpoint).hostname.startsWith(`${bucket}.`);
  let keys: unknown;
  try {
    keys = await readSecret('ACCORD_S3_CREDENTIALS', config.credentials);
  } catch (error) {
    throw error instanceof SecretError ? new ConfigError(error.message) : error;
  }
  const read = credentials.safeParse(keys);
  if (!read.success) {
    throw new ConfigError(
      'ACCORD_S3_CREDENTIALS is {"accessKeyId": "…", "secretAccessKey": "…"} and nothing else.',
    );
  }
  return new S3mini({
    ...read.data,
    endpoint: named ? endpoint : `${endpoint}/${bucket}`,
    region,
    fetch: patientFetch(asFetch(wayOut(operatorsOrigins([endpoint], { keeps: true })), bounds)),
  });
}

/** Blobs as objects of a bucket, one each, under the names that they have in a folder. */
export function s3Blobs(bucket: S3mini): Blobs {
  const fetched = async (name: string, from: number): Promise<Response | undefined> => {
    assertBlobName(name);
    try {
      return await bucket.getObjectRaw(name, from === 0, from);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  };
  return {
    async put(name, bytes) {
      assertBlobName(name);
      await bucket.putObject(name, bytes);
    },
    async get(name) {
      const answer = await fetched(name, 0);
      return answer === undefined ? undefined : Buffer.from(await answer.arrayBuffer());
    },
    async read(name, from = 0) {
      const answer = await fetched(name, from).catch((error: unknown) => {
        // Behind its end.
        if (error instanceof S3ServiceError && error.status === 416) return undefined;
        throw error;
      });
      if (answer === undefined) return undefined;
      const length = Number(answer.headers.get('content-length'));
      const size = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? length);
      // A store that knows no ranges sends the whole.
      if (answer.body === null || size - from !== length)
        throw new Error('the object store sent another range');
      return { size, stream: Readable.fromWeb(answer.body as ReadableStream) };
    },
    async remove(names) {
      for (const name of names) assertBlobName(name);
      const [first] = names;
      const done =
        names.length === 1 && first !== undefined
          ? [await bucket.deleteObject(first)]
          : await bucket.deleteObjects([...names]);
      const left = done.filter((gone) => !gone).length;
      if (left > 0) throw new Error(`the object store did not delete ${left} of ${names.length} blobs`);
    },
    async list(prefix) {
      const found = await bucket.listObjects('/', prefix);
      if (found === null) throw new Error('the object store has no such bucket');
      return found.map(({ Key }) => Key).sort();
    },
  };
}

/**
 * Whether the bucket can be used. A store that refuses us stops the start, for nothing could be sent; one that is away does not.
 * @throws {ConfigError} where the keys or the bucket are wrong
 */
export async function assertBucket(bucket: S3mini, { endpoint, bucket: name }: S3Config): Promise<void> {
  try {
    if ((await bucket.listObjects('/', 'probe/', 1)) !== null) return;
  } catch (error) {
    if (!(error instanceof S3ServiceError) || error.status >= 500) throw error;
    throw new ConfigError(
      `The object store at ${endpoint} refuses us (${error.serviceCode ?? error.status}): look at ACCORD_S3_BUCKET, ACCORD_S3_REGION and ACCORD_S3_CREDENTIALS.`,
    );
  }
  throw new ConfigError(
    `The object store at ${endpoint} has no bucket ${name}: make it, or look at ACCORD_S3_BUCKET.`,
  );
}
