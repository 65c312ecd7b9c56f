import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Answers come on a grid of this step, in milliseconds after their question. A step holds all of the usual work whatever its
 * outcome; under load an answer takes two steps, for reasons that are not the outcome's.
 */
const answerStepMs = 50;

/** Resolves on the next step of the grid that began at `began`, a time of `performance.now()`. */
export async function nextStep(began: number, stepMs = answerStepMs): Promise<void> {
  const passed = performance.now() - began;
  const due = Math.max(1, Math.ceil(passed / stepMs)) * stepMs;
  await sleep(due - passed);
}
