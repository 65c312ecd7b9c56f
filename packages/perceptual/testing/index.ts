export { builtKernel } from './load.ts';
export { noiseField, seeded } from './random.ts';
export { type SceneKind, scene } from './scenes.ts';
export { turn } from './symmetry.ts';
