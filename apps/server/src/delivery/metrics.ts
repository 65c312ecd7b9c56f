import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the operator sees of the delivery service: counts, sizes and times, never whose. */
export type DeliveryMetrics = ReturnType<typeof createDeliveryMetrics>;

export function createDeliveryMetrics(registry: Registry, openSockets: () => number) {
  const registers = [registry];
  new Gauge({
    name: 'accord_sockets_open',
    help: 'Open sockets of devices.',
    registers,
    collect() {
      this.set(openSockets());
    },
  });
  return {
    sent: new Counter({ name: 'accord_messages_sent_total', help: 'Sends stored and answered.', registers }),
    refused: new Counter({
      name: 'accord_messages_refused_total',
      help: 'Sends refused, by code.',
      labelNames: ['code'],
      registers,
    }),
    delivered: new Counter({
      name: 'accord_items_delivered_total',
      help: 'Items that a device has acknowledged.',
      registers,
    }),
    batchSize: new Histogram({
      name: 'accord_send_batch_size',
      help: 'Sends stored by one statement.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'accord_send_batch_seconds',
      help: 'Time from the statement to its answer, the flush to disk included.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
      registers,
    }),
    socketsClosed: new Counter({
      name: 'accord_sockets_closed_total',
      help: 'Sockets that the server closed, by close code.',
      labelNames: ['code'],
      registers,
    }),
  };
}
