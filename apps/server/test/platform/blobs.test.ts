import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineStore } from '../../src/operations/doctor-store.ts';
import { type Blobs, folderBlobs } from '../../src/platform/blobs.ts';
import { assertBucket, openBucket, s3Blobs } from '../../src/platform/blobs-s3.ts';
import { ConfigError, readConfig } from '../../src/platform/config.ts';
import { type ObjectStoreServer, objectStore } from './object-store.ts';
import { type SignedRequest, signatureFault } from './signature.ts';

let folder: string;
let store: ObjectStoreServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accord-blobs-'));
  store = await objectStore();
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe.each<readonly [string, () => Promise<Blobs>]>([
  ['a folder', async () => folderBlobs(folder)],
  ['an object store', async () => s3Blobs(await openBucket(store.config))],
])('blobs in %s', (_, open) => {
  let blobs: Blobs;
  const name = () => `pictures/ab/${randomUUID()}`;
  beforeAll(async () => {
    blobs = await open();
  });

  it('come back as they were put, whole and from any byte on, and are replaced by the next of their name', async () => {
    const one = name();
    const bytes = randomBytes(200_000);
    await blobs.put(one, randomBytes(10));
    await blobs.put(one, bytes);
    expect(await blobs.get(one)).toEqual(bytes);
    for (const from of [undefined, 0, 1, 65_536, 199_999]) {
      const found = await blobs.read(one, from);
      expect(found?.size).toBe(bytes.length);
      if (found !== undefined) expect(await buffer(found.stream)).toEqual(bytes.subarray(from ?? 0));
    }
    expect(await blobs.read(one, 200_000)).toBeUndefined();
  });

  it('may be empty', async () => {
    const one = name();
    await blobs.put(one, new Uint8Array(0));
    expect(await blobs.get(one)).toEqual(Buffer.alloc(0));
  });

  it('are absent before they are put and after they are removed, which may be asked for twice', async () => {
    const [one, other] = [name(), name()];
    expect([await blobs.get(one), await blobs.read(one)]).toEqual([undefined, undefined]);
    await blobs.put(one, randomBytes(5));
    await blobs.put(other, randomBytes(5));
    await blobs.remove([one]);
    await blobs.remove([one, name()]);
    expect([await blobs.get(one), (await blobs.get(other))?.length]).toEqual([undefined, 5]);
    await blobs.remove([]);
    await blobs.remove([other]);
    expect(await blobs.get(other)).toBeUndefined();
  });

  it('are listed by what their names begin with, in order, more than a page of them', async () => {
    const id = randomUUID();
    const names = Array.from({ length: 1005 }, (_, at) => `parts/${id}/${String(at).padStart(9, '0')}`);
    for (let at = 0; at < names.length; at += 67) {
      await Promise.all(names.slice(at, at + 67).map((one) => blobs.put(one, new Uint8Array(1))));
    }
    await blobs.put(`parts/${randomUUID()}/000000000`, new Uint8Array(1));
    expect(await blobs.list(`parts/${id}/`)).toEqual(names);
    expect(await blobs.list(`parts/${randomUUID()}/`)).toEqual([]);
    await blobs.remove(names);
    expect(await blobs.list(`parts/${id}/`)).toEqual([]);
  });

  it.each(['', '../keys', 'pictures/../../x', 'pictures//x', '/etc', 'Pictures/x', 'parts/x/'])(
    'are never named %j',
    async (bad) => {
      await expect(blobs.put(bad, new Uint8Array(1))).rejects.toThrow(RangeError);
      await expect(blobs.get(bad)).rejects.toThrow(RangeError);
      await expect(blobs.remove([bad])).rejects.toThrow(RangeError);
    },
  );
});

describe('the signature of a request', () => {
  // AWS's own example: "Authenticating Requests: Using the Authorization Header", GET Object.
  const secret = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const example: SignedRequest = {
    method: 'GET',
    url: '/test.txt',
    headers: {
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'x-amz-date': '20130524T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    },
  };
  const then = Date.UTC(2013, 4, 24);

  it('is read as AWS reads its own example, and no word of it may be another', () => {
    expect(signatureFault(example, secret, then)).toBeUndefined();
    const { headers } = example;
    const changed: readonly SignedRequest[] = [
      { ...example, method: 'PUT' },
      { ...example, url: '/test.txt/' },
      { ...example, url: '/test.txt?acl' },
      ...['host', 'range', 'x-amz-content-sha256'].map((name) => ({
        ...example,
        headers: { ...headers, [name]: 'bytes=0-8' },
      })),
    ];
    for (const one of changed) expect(signatureFault(one, secret, then)).toBe('SignatureDoesNotMatch');
    const more = { ...example, headers: { ...headers, 'x-amz-acl': 'public-read' } };
    expect(signatureFault(more, secret, then)).toBe('AccessDenied');
    expect(signatureFault(example, secret, then + 16 * 60_000)).toBe('RequestTimeTooSkewed');
    expect(signatureFault({ ...example, headers: {} }, secret, then)).toBe('AccessDenied');
    expect(signatureFault(example, { ...secret, accessKeyId: 'other' }, then)).toBe('InvalidAccessKeyId');
  });
});

describe('an object store', () => {
  const change = async (changed: Partial<ObjectStoreServer['config']>) => {
    const config = { ...store.config, ...changed };
    return { config, bucket: await openBucket(config) };
  };

  it('that refuses our keys, or has no such bucket, stops the start with a sentence that holds no secret', async () => {
    const credentials = store.config.credentials.replace('a secret/of+tests', 'hush');
    const wrongKey = await change({ credentials });
    const refused = await assertBucket(wrongKey.bucket, wrongKey.config).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect((refused as Error).message).toMatch(
      /refuses us \(SignatureDoesNotMatch\): look at ACCORD_S3_BUCKET/,
    );
    expect((refused as Error).message).not.toContain('hush');
    const noBucket = await change({ bucket: 'another' });
    await expect(assertBucket(noBucket.bucket, noBucket.config)).rejects.toThrow('has no bucket another');
    await assertBucket((await change({})).bucket, store.config);
  });

  it('without the bucket has lost everything: that is no blob that is absent', async () => {
    const blobs = s3Blobs((await change({ bucket: 'another' })).bucket);
    await expect(blobs.get('pictures/ab/x')).rejects.toThrow(/NoSuchBucket/);
    await expect(blobs.list('parts/')).rejects.toThrow('no such bucket');
    await expect(blobs.remove(['pictures/ab/x'])).rejects.toThrow(/NoSuchBucket/);
  });

  it('is opened with keys from a file of ours alone', async () => {
    const path = join(folder, 'keys.json');
    await writeFile(path, store.config.credentials, { mode: 0o644 });
    await chmod(path, 0o644);
    await expect(change({ credentials: path })).rejects.toThrow('ACCORD_S3_CREDENTIALS: others can read');
    await chmod(path, 0o600);
    await s3Blobs((await change({ credentials: path })).bucket).put('pictures/ab/file', new Uint8Array(1));
    await expect(change({ credentials: join(folder, 'none.json') })).rejects.toThrow('can’t be read');
    await expect(change({ credentials: '{"accessKeyId":"hush"' })).rejects.toThrow(/is no JSON\.$/);
    await expect(change({ credentials: '{"accessKeyId":"hush"}' })).rejects.toThrow(/and nothing else\.$/);
  });

  it('is looked at by doctor: what it keeps, what it loses, and whether it really does', async () => {
    const look = async (s3: ObjectStoreServer['config'], folders = folder) => {
      const findings = await examineStore({ ...readConfig({}), s3 }, folders);
      return findings.map(({ state, what }) => `${state} ${what}`).join('\n');
    };
    expect(await look(store.config)).toMatch(
      /^ok ciphertexts: bucket ciphertexts at http.*, eight calls in \d+ ms$/,
    );
    for (const versioning of ['Enabled', 'Suspended'] as const) {
      store.versioning = versioning;
      expect(await look(store.config)).toMatch(
        /\nfail ciphertexts: .* keeps versions \(\w+\): what is deleted stays/,
      );
    }
    store.versioning = '';
    expect(await look({ ...store.config, bucket: 'another' })).toMatch(/^fail .*has no bucket another/);
    await folderBlobs(join(folder, 'before', 'blobs')).put('pictures/ab/left', new Uint8Array(1));
    expect(await look(store.config, join(folder, 'before'))).toContain('warn ciphertexts: 1 lie in');
    expect(await s3Blobs(await openBucket(store.config)).list('probe/')).toEqual([]);
  });

  it('that is away for a moment is asked again, and one that stays away fails', async () => {
    const blobs = s3Blobs((await change({})).bucket);
    await store.stop();
    const put = blobs.put('pictures/ab/later', Buffer.from('later'));
    await store.start();
    await put;
    expect(await blobs.get('pictures/ab/later')).toEqual(Buffer.from('later'));
    await store.stop();
    await expect(blobs.get('pictures/ab/later')).rejects.toThrow();
    await expect(blobs.remove(['pictures/ab/later'])).rejects.toThrow();
    await store.start();
  });

  it('that has too much to do is asked three times, and one that follows another address is not believed', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      request.resume();
      if (request.url?.includes('moved') === true) response.writeHead(307, { location: '/elsewhere' }).end();
      else response.writeHead(asked < 3 ? 503 : 200).end('ok');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const blobs = s3Blobs((await change({ endpoint })).bucket);
    await blobs.put('pictures/ab/busy', Buffer.from('x'));
    expect(asked).toBe(3);
    await expect(blobs.put('pictures/ab/moved', Buffer.from('x'))).rejects.toThrow();
    server.closeAllConnections();
    server.close();
  });
});
