import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Config } from '../../src/platform/config-s3.ts';
import { freePort } from '../support.ts';

/*
 * An S3 server of others' making (a maintained fork of s3rver), which checks every signature by its own reading of AWS's version 4.
 */

interface Running {
  run(): Promise<unknown>;
  readonly httpServer: { closeAllConnections(): void };
  close(): Promise<void>;
}
type Constructor = new (options: object) => Running;
// It has no types of its own.
const load = createRequire(import.meta.url);
const ObjectStore = load('@20minutes/s3rver') as Constructor;

interface Canonical {
  readonly uri: string;
  readonly querystring: string;
}
/** It forgets the slash that ends a bucket's address, which AWS signs as it was sent. All else is as it reads it. */
const v4 = load('@20minutes/s3rver/lib/signature/v4.js') as {
  getStringToSign(request: Canonical, how: unknown): string;
};
const { getStringToSign } = v4;
v4.getStringToSign = (request, how) => {
  const uri = request.querystring.includes('list-type=2') ? `${request.uri}/` : request.uri;
  return getStringToSign({ ...request, uri }, how);
};

/** The one account that it knows. */
const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const bucket = 'ciphertexts';

export interface ObjectStoreServer extends AsyncDisposable {
  readonly config: S3Config;
  /** The same as settings. */
  readonly env: Readonly<Record<string, string>>;
  /** Goes away, and comes back at the same address with what it had. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function objectStore(): Promise<ObjectStoreServer> {
  const directory = await mkdtemp(join(tmpdir(), 'accord-objects-'));
  const port = await freePort();
  const options = {
    address: '127.0.0.1',
    port,
    silent: true,
    directory,
    configureBuckets: [{ name: bucket }],
  };
  let server: Running | undefined;
  const start = async () => {
    server = new ObjectStore(options);
    await server.run();
  };
  const stop = async () => {
    const running = server;
    server = undefined;
    running?.httpServer.closeAllConnections();
    await running?.close();
  };
  const close = async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  };
  await start();
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    region: 'us-east-1',
    credentials: JSON.stringify(keys),
  };
  const env = {
    ACCORD_S3_ENDPOINT: config.endpoint,
    ACCORD_S3_BUCKET: bucket,
    ACCORD_S3_CREDENTIALS: config.credentials,
  };
  return { config, env, stop, start, close, [Symbol.asyncDispose]: close };
}

/** Where ciphertexts may lie, each with the settings that say so. */
export const stores: readonly (readonly [
  name: string,
  open: () => Promise<Pick<ObjectStoreServer, 'env' | 'close'>>,
])[] = [
  ['a folder', async () => ({ env: {}, close: async () => {} })],
  ['an object store', objectStore],
];
