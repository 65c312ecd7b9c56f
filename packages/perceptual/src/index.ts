export { DIHEDRALS, type Dihedral } from './dihedral.ts';
export { type DihedralHashes, PdqEngine, type PictureStream } from './engine.ts';
export {
  complement,
  distance,
  fromHex,
  HASH_BITS,
  HASH_BYTES,
  MATCH_DISTANCE,
  MIN_PART_QUALITY,
  MIN_QUALITY,
  type PdqHash,
  REVIEW_DISTANCE,
  toHex,
} from './hash.ts';
export { type KernelBytes, simdSupported } from './kernel.ts';
export { MAX_SIDE, type Picture, type PixelFormat } from './picture.ts';
export { PictureRefused, REFUSAL_CODES, type RefusalCode } from './refusal.ts';
export { turned } from './turned.ts';
export {
  ANCHOR_COUNT,
  bankHashes,
  type QueryDepth,
  queryHashes,
  type ShareHashes,
  shareHashes,
  type VariantHash,
  type VariantKind,
  type VariantSet,
} from './variants.ts';
export { type Near, type Verdict, weigh } from './verdict.ts';
