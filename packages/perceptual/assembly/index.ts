export { reduce } from './columns';
export { hashF32, hashF64 } from './hash';
export { alloc, mark, release } from './memory';
export { convolve, sample } from './raster';
export { accumulate, composite, opaque } from './rows';
