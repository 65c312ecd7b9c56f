import {
  isOfPepper,
  openTrustedList,
  pepperPath,
  provesAge,
  readAgeSetup,
  readPepper,
} from '../gate/index.ts';
import type { Config } from '../platform/config.ts';
import type { Database } from '../platform/database.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const dayMs = 86_400_000;
const howToImport = 'npm run accord -- age trust import FILE, with the newest list.';

/** The proof of age: policy, methods, pepper and the list of trusted issuers. @throws {ConfigError} for an unsafe setup */
export async function examineAge(config: Config, folder: string, now: number): Promise<Finding[]> {
  const setup = readAgeSetup(config);
  const findings: Finding[] = [];
  if (setup.test) {
    findings.push(
      warn(
        'age proof: the test method is on, which proves nothing',
        'Good for trying Accord out on this machine; it is off on any other address.',
      ),
    );
  } else if (!provesAge(setup)) {
    findings.push(warn('age proof: no method is on, nobody can talk', 'Name methods in ACCORD_AGE_METHODS.'));
  }
  if (!provesAge(setup)) return findings;
  findings.push(ok(`age proof: policy ${setup.policy.version}, by ${config.ageMethods.join(', ')}`));
  if (config.age.policy.includes('fr') && setup.policy.reopen === 'passkey') {
    findings.push(
      warn(
        'age proof: in France a passkey opens a new session in place of a proof',
        'ACCORD_AGE_REOPEN says so; have counsel’s answer at hand that this is "at each access".',
      ),
    );
  }
  findings.push(examinePepper(folder));
  if (setup.wallet) findings.push(await examineList(config, folder, now));
  return findings;
}

function examinePepper(folder: string): Finding {
  const path = pepperPath(folder);
  if (readPepper(path) === undefined) {
    return warn(`age pepper: ${path} does not exist yet`, 'The first npm start makes it.');
  }
  return ok('age pepper: there, and nobody else can read it');
}

/** Whether the pepper is the one that the database's proofs are under. */
export async function examinePepperMark(
  config: Config,
  folder: string,
  db: Database,
): Promise<readonly Finding[]> {
  const pepper = provesAge(readAgeSetup(config)) ? readPepper(pepperPath(folder)) : undefined;
  if (pepper === undefined) return [];
  const own = await isOfPepper(db, pepper).catch((error: unknown) => {
    // Before the migration that brings it.
    if ((error as { code?: unknown }).code === '42P01') return null;
    throw error;
  });
  if (own === null) return [];
  if (own) return [ok('age pepper: the database’s')];
  return [
    fail(
      'age pepper: not the one that the database’s proofs are under; npm start refuses',
      'Bring that file, from where the database was served. If it is lost: npm run accord -- age pepper forget.',
    ),
  ];
}

async function examineList(config: Config, folder: string, now: number): Promise<Finding> {
  const list = openTrustedList(folder, config.age.listGraceDays);
  const state = await list.state(now);
  if (state.kind === 'missing') return fail('trusted issuers: no list, no wallet is believed', howToImport);
  if (state.kind === 'unreadable') {
    return fail('trusted issuers: the pinned list can’t be read, no wallet is believed', howToImport);
  }
  const due = new Date(state.until).toISOString().slice(0, 10);
  const count = state.authorities === 1 ? '1 authority' : `${state.authorities} authorities`;
  const what = `trusted issuers: ${count}, the next list is due ${due}`;
  if (state.kind === 'over') return fail(`${what}; no wallet is believed any more`, howToImport);
  if (state.kind === 'overdue') {
    const left = Math.floor((state.until + config.age.listGraceDays * dayMs - now) / dayMs);
    return warn(`${what}; this one holds ${left} more days`, howToImport);
  }
  return state.until - now < 14 * dayMs ? warn(what, howToImport) : ok(what);
}
