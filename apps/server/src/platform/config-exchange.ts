/** What an exchange with peers may use. */
export interface ExchangeConfig {
  /** A path, or JSON. */
  readonly keys: string | undefined;
  readonly origins: readonly string[];
  readonly minutes: number;
  readonly loopback: boolean;
}

interface Values {
  readonly ACCORD_EXCHANGE_KEYS?: string | undefined;
  readonly ACCORD_EXCHANGE_ORIGINS: readonly string[];
  readonly ACCORD_EXCHANGE_MINUTES: number;
  readonly ACCORD_EXCHANGE_LOOPBACK: boolean;
}

export const exchangeOf = (values: Values): ExchangeConfig => ({
  keys: values.ACCORD_EXCHANGE_KEYS,
  origins: values.ACCORD_EXCHANGE_ORIGINS.map((origin) => new URL(origin).origin),
  minutes: values.ACCORD_EXCHANGE_MINUTES,
  loopback: values.ACCORD_EXCHANGE_LOOPBACK,
});

/** For an operator's eyes. A path may be seen, keys may not. */
export const exchangeSettingsOf = ({ keys, origins, minutes, loopback }: ExchangeConfig) => ({
  ACCORD_EXCHANGE_KEYS: keys?.trimStart().startsWith('{') === true ? '…' : keys,
  ACCORD_EXCHANGE_ORIGINS: origins.join(',') || undefined,
  ACCORD_EXCHANGE_MINUTES: String(minutes),
  ACCORD_EXCHANGE_LOOPBACK: loopback ? 'true' : undefined,
});
