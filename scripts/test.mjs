// `npm test`: everything, from a fresh clone. The last line is the one that machines read, whatever happened.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { build } from './lib/build.mjs';
import { Complaint, install, ownEnvironment, pinnedNode, root } from './lib/install.mjs';
import { prepareMachine, systemPostgres } from './lib/machine.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };
/** Said again at the end, where it is looked for. @type {string[]} */
const failures = [];
const closingLine = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

/**
 * Runs a step and shows what it says; resolves to its exit code and to the counts in its closing line, which is
 * kept back.
 * @param {readonly string[]} args @param {Record<string, string>} env
 * @returns {Promise<{ code: number, counts: number[] | undefined }>}
 */
function step(args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...ownEnvironment, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }), ...env },
    });
    let counts;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = closingLine.exec(line);
      if (found === null) console.log(line);
      else counts = found.slice(1).map(Number);
      if (line.startsWith('failed: ')) failures.push(line);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, counts }));
  });
}

/** Tests of another database server would say nothing new about keys, sockets and kills. */
const speaksSql = [
  'apps/server/test/accounts',
  'apps/server/test/gate',
  'apps/server/test/presence',
  'apps/server/test/media/pictures',
  'apps/server/test/media/consents',
  'apps/server/test/media/reports',
  'apps/server/test/matching/attest',
  'apps/server/test/matching/banks',
  'apps/server/test/cases/desk',
  'apps/server/test/cases/removal',
  'apps/server/test/cases/threshold',
  'apps/server/test/transparency',
  'apps/server/test/exchange/sync',
  'apps/server/test/partners/notices',
  'apps/server/test/routes',
  'apps/server/test/platform/migrate',
  'apps/server/test/delivery/groups',
  'apps/server/test/delivery/messages',
  'apps/cli/test',
];

/** A check without counts of its own: it passes or fails as one. @param {string} name @param {readonly string[]} args */
async function check(name, args) {
  const { code } = await step(args);
  total[code === 0 ? 'passed' : 'failed'] += 1;
  if (code !== 0) failures.push(`failed: ${name}`);
  console.log(`${code === 0 ? '✓' : '✗'} ${name}`);
}

/** A run of Vitest; one that dies without its closing line counts as a failure. */
async function suite(name, args, env = {}) {
  console.log(`\n${name}`);
  const { code, counts } = await step(['node_modules/vitest/vitest.mjs', 'run', ...args], env);
  const [passed = 0, failed = 0, skipped = 0] = counts ?? [];
  total.passed += passed;
  const died = failed === 0 && code !== 0;
  if (died) failures.push(`failed: ${name}: ended with ${code}`);
  total.failed += died ? 1 : failed;
  total.skipped += skipped;
}

async function main() {
  await prepareMachine();
  await install();
  await build();
  await check('format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.']);
  for (const project of ['tsconfig.json', 'apps/web/tsconfig.json', 'e2e/tsconfig.json']) {
    await check(`types: ${project}`, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', project]);
  }
  await check('dead code', ['node_modules/knip/bin/knip.js', '--no-progress']);
  await suite('Everything, on PostgreSQL 18', []);
  const older = systemPostgres();
  if (older === undefined)
    throw new Complaint('There is no older PostgreSQL to run the integration tests on.');
  await suite(`What speaks SQL, on PostgreSQL ${older}`, ['--project', 'integration', ...speaksSql], {
    ACCORD_TEST_PG: String(older),
  });
}

main()
  .catch((error) => {
    total.failed += 1;
    console.error(error instanceof Complaint ? error.message : error);
  })
  .finally(() => {
    if (failures.length > 0) console.log(`\n${failures.join('\n')}`);
    console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
    process.exitCode = total.failed === 0 ? 0 : 1;
  });
