export { noiseField, seeded } from './random.ts';
export { type SceneKind, scene } from './scenes.ts';
