import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Kernel ticks per second, which Linux shows to all programs as 100. */
const ticksPerSecond = 100;

/** A process and all that it started, as they are now. */
function familyOf(pid: number): number[] {
  const family = [pid];
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim();
      for (const child of children.split(' ')) if (child !== '') family.push(...familyOf(Number(child)));
    }
  } catch {
    // It ended while we looked.
  }
  return family;
}

const everyone = (roots: readonly number[]): number[] => [...new Set(roots.flatMap(familyOf))];

/** Processor time of process trees in microseconds, user and system; that of children that have ended counts on. */
export function cpuMicros(roots: readonly number[]): number {
  let ticks = 0;
  for (const pid of everyone(roots)) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      for (const field of fields.slice(11, 15)) ticks += Number(field);
    } catch {
      // It ended while we looked.
    }
  }
  return (ticks * 1_000_000) / ticksPerSecond;
}

/** Proportional set size of process trees in kB: shared pages count once. */
export function memoryKilobytes(roots: readonly number[]): number {
  let sum = 0;
  for (const pid of everyone(roots)) {
    try {
      const pss = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
      sum += Number(pss ?? 0);
    } catch {
      // It ended while we looked.
    }
  }
  return sum;
}

/**
 * Asks the scheduler to prefer process trees to others on a busy machine (Linux autogroups, -20 to 19). For all
 * servers alike and for the generator; without effect where we may not.
 */
export function prefer(roots: readonly number[], nice: number): void {
  for (const pid of everyone(roots)) {
    try {
      writeFileSync(`/proc/${pid}/autogroup`, String(nice));
    } catch {
      // Not ours to raise, or no such scheduler.
    }
  }
}

/** Ends a process and all that it started, the youngest first. */
export async function endFamily(pid: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const each of familyOf(pid).reverse()) {
      try {
        process.kill(each, signal);
      } catch {
        // It ended by itself.
      }
    }
    await sleep(2000);
  }
}
