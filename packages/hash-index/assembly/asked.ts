import { workArea } from './memory';

/** The queries of one call, and what each has cost so far. */
const MOST_ASKED: u32 = 64;
const hashes: u32 = workArea(MOST_ASKED * 32);
const costs: u32 = workArea(MOST_ASKED * 8);

/** What one query may cost in its parts before every row is read for it instead. */
export let budget: u64 = 0;

export function queryAt(query: u32): u32 {
  return hashes + (query << 5);
}

export function openAccounts(most: u64): void {
  budget = most;
  memory.fill(costs, 0, MOST_ASKED * 8);
}

export function spend(query: u32, cost: u64): void {
  store<u64>(costs + (query << 3), load<u64>(costs + (query << 3)) + cost);
}

export function isOver(query: u32): bool {
  return load<u64>(costs + (query << 3)) > budget;
}
