import type { FastifyInstance } from 'fastify';

/** What the page never uses; a browser then refuses it to any script that gets in. */
const unused = [
  'accelerometer',
  'autoplay',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
  'xr-spatial-tracking',
];
const ours = ['clipboard-write', 'publickey-credentials-create', 'publickey-credentials-get'];

/**
 * Headers of every answer. Scripts, styles and connections are our own alone; the one Trusted Types policy,
 * `accord`, lets through addresses of our scripts for workers.
 * @param publicUrl what a browser calls us
 */
export function securityHeaders(publicUrl: URL): Readonly<Record<string, string>> {
  const secure = publicUrl.protocol === 'https:';
  const policy = [
    "default-src 'none'",
    // The second lets WebAssembly be compiled (pictures are hashed with it), and no text become code.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    // Named beside 'self', which not every browser takes to mean sockets.
    `connect-src 'self' ${secure ? 'wss' : 'ws'}://${publicUrl.host}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types accord',
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': [
      ...unused.map((name) => `${name}=()`),
      ...ours.map((name) => `${name}=(self)`),
    ].join(', '),
    'x-content-type-options': 'nosniff',
    ...(secure && { 'strict-transport-security': 'max-age=31536000' }),
  };
}

/** Puts the headers on every answer, refusals and absent pages included. */
export function addSecurityHeaders(app: FastifyInstance, publicUrl: URL): void {
  const headers = securityHeaders(publicUrl);
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
}
