/** Every way in which the index refuses. The codes are stable; the sentences are for developers. */
export const HASH_INDEX_ERRORS = {
  'hash.length': 'a hash must be exactly 32 bytes',
  'hash.text': 'a hash in text must be exactly 64 hexadecimal digits',
  'radius.range': 'a radius must be a whole number from 0 to 256',
  'id.range': 'an id must be a whole number from 0 to 4294967295',
  'id.taken': 'this id already has a hash',
  'id.absent': 'no hash has this id',
  'bank.none': 'a hash must belong to at least one bank',
  'bank.unknown': 'this bank is not one of the index',
  'bank.names': 'an index has 1 to 32 banks with distinct names of 1 to 64 bytes',
  'batch.length': 'ids, hashes and banks of a batch must have matching lengths',
  'index.full': 'the index, or the memory it may take, is used up; use more shards',
  'snapshot.unreadable': 'there is no such snapshot file, or it cannot be read',
  'snapshot.magic': 'these bytes are not a snapshot of a hash index',
  'snapshot.version': 'this snapshot has a version that this release cannot read',
  'snapshot.length': 'this snapshot is cut short or has bytes too many',
  'snapshot.checksum': 'this snapshot is damaged: its checksum does not agree',
  'snapshot.content': 'this snapshot is whole, but what it says is not an index',
  'snapshot.shards': 'these snapshots are not all the shards of one index',
  'engine.invalid': 'this WebAssembly module is not the engine of the hash index',
  'service.closed': 'the index service is closed',
  'service.failed': 'a worker of the index service ended',
} as const;

export type HashIndexErrorCode = keyof typeof HASH_INDEX_ERRORS;

/** A refusal of the index; `code` is stable, and neither text nor fields ever carry a hash or an id. */
export class HashIndexError extends Error {
  override readonly name = 'HashIndexError';
  readonly code: HashIndexErrorCode;
  constructor(code: HashIndexErrorCode) {
    super(HASH_INDEX_ERRORS[code]);
    this.code = code;
  }
}
