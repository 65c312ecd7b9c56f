import type { ExchangeConfig } from '../platform/config-exchange.ts';
import { readSecret } from '../platform/secret-setting.ts';

/**
 * The keys of one exchange, as the operator wrote them; undefined where there are none. Read each time: a key that was changed
 * holds from the next fetch on. @throws {SecretError}
 */
export async function keysFor({ keys }: ExchangeConfig, name: string): Promise<unknown> {
  if (keys === undefined) return undefined;
  const all = await readSecret('ACCORD_EXCHANGE_KEYS', keys);
  return Object.hasOwn(all, name) ? all[name] : undefined;
}
