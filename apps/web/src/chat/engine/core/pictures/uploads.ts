import { mediaLimits } from '@accord/protocol/limits';
import { ApiError } from '../../../../api/client.ts';
import { toBase64Url } from '../bytes.ts';
import type { Http } from '../ports.ts';

export interface Upload {
  readonly blobId: string;
  readonly ciphertext: Uint8Array;
  readonly cth: Uint8Array;
}

/**
 * Brings a ciphertext to the server, going on where it stands there; `told` hears the share that is durable.
 * @throws {ApiError}
 */
export async function upload(
  http: Http,
  { blobId, ciphertext, cth }: Upload,
  told: (share: number) => void,
): Promise<void> {
  const body = { blobId, size: ciphertext.length, cth: toBase64Url(cth) };
  let state = await http.call('media.blobs.begin', { body });
  while (!state.complete && state.offset < ciphertext.length) {
    told(state.offset / ciphertext.length);
    const part = ciphertext.slice(state.offset, state.offset + mediaLimits.partBytes);
    state = await append(http, blobId, state.offset, part);
  }
  if (!state.complete) await http.call('media.blobs.complete', { params: { blobId }, body: {} });
  told(1);
}

async function append(http: Http, blobId: string, offset: number, part: Uint8Array<ArrayBuffer>) {
  try {
    const query = { offset: String(offset) } as never;
    return await http.call('media.blobs.append', { params: { blobId }, query, body: part });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'wrong_offset') throw error;
    return http.call('media.blobs.state', { params: { blobId } });
  }
}
