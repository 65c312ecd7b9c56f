const loopbackNames = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);

/** Whether an address is this machine alone. */
export const isLoopback = (host: string): boolean =>
  loopbackNames.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
