import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { S3Config } from '../../src/platform/config-s3.ts';
import { freePort } from '../support.ts';
import { signatureFault } from './signature.ts';

/*
 * A peer that speaks as much of S3 as we do, and holds us to it: every signature is checked, an object is replaced whole, a list
 * comes in pages, several are deleted only under a checksum. Not a service that anybody runs: none that is kept up and passes
 * its own part of this (pages on Node 24, the slash after a bucket) can be installed here.
 */

const keys = { accessKeyId: 'a-key-of-tests', secretAccessKey: 'a secret/of+tests' };
const bucket = 'ciphertexts';

export interface ObjectStoreServer extends AsyncDisposable {
  readonly config: S3Config;
  /** The same as settings. */
  readonly env: Readonly<Record<string, string>>;
  /** What it says of its versions; a bucket that was never asked to keep any says nothing. */
  versioning: '' | 'Enabled' | 'Suspended';
  /** Goes away, and comes back at the same address with what it had. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const xml = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});
const fault = (status: number, code: string): Answer =>
  xml(status, `<Error><Code>${code}</Code><Message>no</Message></Error>`);

export async function objectStore(): Promise<ObjectStoreServer> {
  const objects = new Map<string, Buffer>();
  const port = await freePort();
  let server: Server | undefined;

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const { method = '', url = '', headers } = request;
    const body = await buffer(request);
    const wrong = signatureFault({ method, url, headers }, keys, Date.now());
    if (wrong !== undefined) return fault(403, wrong);
    const { pathname, searchParams } = new URL(url, 'http://store');
    const [, named, ...rest] = decodeURIComponent(pathname).split('/');
    if (named !== bucket) return fault(404, 'NoSuchBucket');
    const key = rest.join('/');
    if (key === '') return ofBucket(objects, { method, headers, searchParams, body }, store.versioning);
    if (method === 'PUT') {
      if (Number(headers['content-length'] ?? 0) !== body.length) return fault(400, 'IncompleteBody');
      objects.set(key, body);
      return { status: 200 };
    }
    if (method === 'DELETE') {
      objects.delete(key);
      return { status: 204 };
    }
    return method === 'GET' ? ofObject(objects.get(key), headers.range) : fault(405, 'MethodNotAllowed');
  };
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    answer(request).then(
      ({ status, headers, body }) => {
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
        response.writeHead(status, { ...headers, ...length }).end(body);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  };
  const start = async () => {
    server = createServer(serve).listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const stop = async () => {
    server?.closeAllConnections();
    server?.close();
    if (server !== undefined) await once(server, 'close');
    server = undefined;
  };
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
  const store: ObjectStoreServer = {
    config,
    env,
    versioning: '',
    stop,
    start,
    close: stop,
    [Symbol.asyncDispose]: stop,
  };
  await start();
  return store;
}

function ofObject(object: Buffer | undefined, range: string | undefined): Answer {
  if (object === undefined) return fault(404, 'NoSuchKey');
  if (range === undefined) return { status: 200, body: object };
  const from = Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
  if (!(from < object.length)) return fault(416, 'InvalidRange');
  const headers = { 'content-range': `bytes ${from}-${object.length - 1}/${object.length}` };
  return { status: 206, headers, body: object.subarray(from) };
}

interface Asked {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly searchParams: URLSearchParams;
  readonly body: Buffer;
}

function ofBucket(
  objects: Map<string, Buffer>,
  { method, headers, searchParams, body }: Asked,
  versioning: string,
): Answer {
  if (method === 'POST' && searchParams.has('delete')) {
    const checksum = createHash('sha256').update(body).digest('base64');
    if (headers['x-amz-checksum-sha256'] !== checksum) return fault(400, 'BadDigest');
    const named = [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key ?? '');
    if (named.length > 1000) return fault(400, 'MalformedXML');
    for (const key of named) objects.delete(key);
    return xml(
      200,
      `<DeleteResult>${named.map((key) => `<Deleted><Key>${key}</Key></Deleted>`).join('')}</DeleteResult>`,
    );
  }
  if (method !== 'GET') return fault(405, 'MethodNotAllowed');
  if (searchParams.has('versioning')) {
    const status = versioning === '' ? '' : `<Status>${versioning}</Status>`;
    return xml(200, `<VersioningConfiguration>${status}</VersioningConfiguration>`);
  }
  const after = searchParams.get('continuation-token') ?? '';
  const prefix = searchParams.get('prefix') ?? '';
  const most = Math.min(1000, Number(searchParams.get('max-keys') ?? 1000));
  const names = [...objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
  const page = names.slice(0, most);
  const more = names.length > most;
  const contents = page.map((name) => `<Contents><Key>${name}</Key><Size>1</Size></Contents>`).join('');
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  return xml(
    200,
    `<ListBucketResult><IsTruncated>${more}</IsTruncated>${contents}${next}</ListBucketResult>`,
  );
}

/** Where ciphertexts may lie, each with the settings that say so. */
export const stores: readonly (readonly [
  name: string,
  open: () => Promise<Pick<ObjectStoreServer, 'env' | 'close'>>,
])[] = [
  ['a folder', async () => ({ env: {}, close: async () => {} })],
  ['an object store', objectStore],
];
