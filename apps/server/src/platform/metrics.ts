import { collectDefaultMetrics, Registry } from 'prom-client';

/** Counters and gauges by code and count; never with an account, an address or a name as a label. */
export type Metrics = Registry;

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
