import { Counter, Gauge } from 'prom-client';
import type { Platform } from '../platform/platform.ts';
import type { Counted } from './parts.ts';

/** Counts what was exchanged, by kind of peer and code. */
export function countExchange({ metrics, db, clock }: Platform): (what: Counted) => void {
  const registers = [metrics];
  const records = new Counter({
    name: 'accord_exchange_records_total',
    help: 'Records that peers told us, and those of them that could not be read.',
    labelNames: ['kind', 'read'],
    registers,
  });
  const faults = new Counter({
    name: 'accord_exchange_faults_total',
    help: 'Fetches and tellings that came to nothing, by why.',
    labelNames: ['kind', 'fault'],
    registers,
  });
  const told = new Counter({
    name: 'accord_exchange_told_total',
    help: 'Pictures that peers were told of, and that were taken back there.',
    labelNames: ['kind', 'what'],
    registers,
  });
  new Gauge({
    name: 'accord_exchange_behind_seconds',
    help: 'Since a fetch last came to its end, of the peer of this kind where it is longest.',
    labelNames: ['kind'],
    registers,
    async collect() {
      const rows = await db
        .selectFrom('exchange')
        .select((select) => ['kind', select.fn.min('completed_at').as('at')])
        .where('enabled', '=', true)
        .groupBy('kind')
        .execute()
        .catch(() => []);
      this.reset();
      for (const { kind, at } of rows) if (at !== null) this.set({ kind }, (clock() - at.getTime()) / 1000);
    },
  });
  return (event) => {
    if (event.what === 'page') {
      records.inc({ kind: event.kind, read: 'yes' }, event.records);
      if (event.unread > 0) records.inc({ kind: event.kind, read: 'no' }, event.unread);
    } else if (event.what === 'fault') faults.inc({ kind: event.kind, fault: event.fault });
    else told.inc({ kind: event.kind, what: event.what });
  };
}
