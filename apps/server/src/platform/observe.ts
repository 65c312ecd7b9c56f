import { createServer, type Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Histogram } from 'prom-client';
import { isAnonymous } from './http.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Platform } from './platform.ts';

/**
 * One line and one count for each request: method, the route's pattern (never the address, which names people
 * and carries what they typed), status, milliseconds, the request's id. An anonymous request has the count alone: a
 * line with a time, beside that of an upload, would tell who asked.
 */
export function observeRequests(
  app: FastifyInstance,
  platform: Platform,
  name = 'accord_http_request_seconds',
): void {
  const duration = new Histogram({
    name,
    help: 'Time to answer a request, by route pattern.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [platform.metrics],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    const status = reply.statusCode;
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    duration.observe({ method, route, status: String(status) }, reply.elapsedTime / 1000);
    if (isAnonymous(request)) return;
    const line = { request: request.id, method, route, status, ms };
    if (route === '/health') platform.log.debug(line, 'request');
    else platform.log.info(line, 'request');
  });
}

/** `/metrics` on a listener of its own that only this machine reaches. Returns the way to close it. */
export async function serveMetrics(metrics: Metrics, port: number, log: Log): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'metrics failed');
        response.writeHead(500).end();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
