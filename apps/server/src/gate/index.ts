import type { Platform } from '../platform/platform.ts';
import type { Gate } from './types.ts';

export type { AdultState, AgeMethod, Gate } from './types.ts';

/** The gate with the methods that the configuration names. */
export declare function createGate(platform: Platform): Gate;
