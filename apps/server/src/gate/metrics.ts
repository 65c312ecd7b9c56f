import { Counter } from 'prom-client';
import type { Metrics } from '../platform/metrics.ts';
import type { AgeMethod, Outcome } from './types.ts';

const name = 'accord_age_proofs_total';

/** Counts how proofs end, by kind of method and code: no account, no issuer, no provider. */
export function countOutcomes(metrics: Metrics): (kind: AgeMethod['kind'], outcome: Outcome) => void {
  const known = metrics.getSingleMetric(name) as Counter<'method' | 'outcome'> | undefined;
  const counter =
    known ??
    new Counter({
      name,
      help: 'Proofs of age that came back, by kind of method and how they ended.',
      labelNames: ['method', 'outcome'],
      registers: [metrics],
    });
  return (method, outcome) => counter.inc({ method, outcome });
}
