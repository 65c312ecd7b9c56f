import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/**
 * Answers come on a grid of this step, in milliseconds after their question. A step holds all of the usual work whatever its
 * outcome; under load an answer takes two steps, for reasons that are not the outcome's.
 */
const answerStepMs = 50;
/** A timer may be early or late by about this much. */
const timerErrorMs = 2;

/** Resolves on the next step of the grid that began at `began`, a time of `performance.now()`, with that step's time. */
export async function nextStep(began: number, stepMs = answerStepMs): Promise<number> {
  const passed = performance.now() - began;
  const due = began + Math.max(1, Math.ceil(passed / stepMs)) * stepMs;
  // A timer counts in whole milliseconds from the turn's beginning, so it fires earlier where more was done in this turn: that told
  // outcomes apart. The last of the way is gone turn by turn.
  await sleep(Math.max(0, due - performance.now() - timerErrorMs));
  while (performance.now() < due) await nextTurn();
  return due;
}
