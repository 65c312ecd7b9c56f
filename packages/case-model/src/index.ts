export { nextDue, type RunningClock, runningClocks } from './clocks.ts';
export { decide, doors, maySee } from './decide.ts';
export { emptyCase, fold, foldAll } from './fold.ts';
export * from './roles.ts';
export { isLikelyValid } from './rules-decision.ts';
export { hasOpenWork } from './rules-intake.ts';
export type { ShownConsent } from './shown-consent.ts';
export * from './types.ts';
