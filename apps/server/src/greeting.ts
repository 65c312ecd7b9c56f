import { databaseAddress } from './platform/choose-database.ts';
import type { Config } from './platform/config.ts';

/** What the operator may want to know at a start. */
export interface Situation {
  readonly config: Config;
  /** Where our own database keeps its data, when it is ours. */
  readonly folder: string | undefined;
  readonly metricsPort: number | undefined;
  /** Nobody has an account yet. */
  readonly firstRun: boolean;
  readonly pageBuilt: boolean;
  /** Whether there is a list of trusted issuers that holds, where the wallet is on. */
  readonly walletBelieved: boolean | undefined;
}

/** The words on standard output when the server is ready: the address first. */
export function greeting({
  config,
  folder,
  metricsPort,
  firstRun,
  pageBuilt,
  walletBelieved,
}: Situation): string {
  const data =
    folder === undefined
      ? `Data is in the PostgreSQL at ${databaseAddress(config.databaseUrl ?? '')}.`
      : `Data is in ${folder}.`;
  const lines = [`Accord is ready at ${config.publicUrl.origin}`, `  ${data}`];
  if (metricsPort !== undefined) lines.push(`  Metrics are at http://127.0.0.1:${metricsPort}/metrics.`);
  if (!pageBuilt) lines.push('  The page is not built: npm run build.');
  if (config.ageMethods.includes('test')) {
    lines.push('  The test method of age proof is on. It proves nothing and works on this machine only.');
  }
  if (config.ageMethods.length === 0) {
    lines.push('  No method of age proof is on (ACCORD_AGE_METHODS): nobody can talk.');
  }
  if (walletBelieved === false) {
    lines.push(
      '  No wallet is believed: no list of trusted issuers holds. npm run accord -- age trust import FILE',
    );
  }
  if (firstRun) {
    lines.push(
      '  Open the address, answer the first question and choose a name; a second browser is the second person.',
    );
  }
  lines.push('  Stop with Ctrl+C. Look after it with: npm run accord -- doctor', '');
  return lines.join('\n');
}
