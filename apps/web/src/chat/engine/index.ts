export type * from './api.ts';
export { EngineError, timerChoices } from './api.ts';
export { startEngine } from './client.ts';
