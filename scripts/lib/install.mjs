// Runs on plain Node >= 20 before anything is installed: node: modules alone.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');
/** What we remember between runs lives with what npm installed, and goes with it. */
const memory = join(modules, '.accord');

/** The pinned Node, which npm installs like any other package. */
export const pinnedNode = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

/** Our environment with the pinned Node before any other. */
export const ownEnvironment = {
  ...process.env,
  PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH ?? ''}`,
};

/** A sentence for the person at the terminal; nothing else is shown. */
export class Complaint extends Error {}

/**
 * Runs a program to its end with our terminal; resolves to its exit code.
 * @param {string} command @param {readonly string[]} args @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: ownEnvironment, ...options });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** @param {string} name @returns {string | undefined} */
export function recall(name) {
  const path = join(memory, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  mkdirSync(memory, { recursive: true });
  writeFileSync(join(memory, name), value);
}

/** npm as it was called, or the one on the PATH. @param {readonly string[]} args */
export function npm(args) {
  const path = process.env.npm_execpath;
  if (path?.endsWith('.js')) return run(process.execPath, [path, ...args], { env: process.env });
  return run('npm', args, { env: process.env, shell: process.platform === 'win32' });
}

/** Whether npm's own record of what is installed agrees with the lock; after an interrupted install there is none. */
function agrees() {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  for (const [path, { version }] of Object.entries(installed)) {
    if (wanted[path]?.version !== version) return false;
  }
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.startsWith('node_modules/') || entry.optional || entry.devOptional || path in installed,
  );
}

/** Installs what the lock names unless it is there, and sees to it that the pinned Node runs. */
export async function install() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20)
    throw new Complaint(`Accord needs Node 20 or later to begin with; this is ${process.version}.`);
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (recall('installed') !== lock || !existsSync(join(modules, '.package-lock.json'))) {
    if (!agrees()) {
      console.log('Installing what Accord needs (a minute or two the first time)…');
      // Whatever NODE_ENV says: the pinned Node and the page's build are among these.
      const code = await npm([
        'ci',
        '--include=dev',
        '--include=optional',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
      ]);
      if (code !== 0) throw new Complaint('npm ci failed; its words are above.');
    }
    await checkNode();
    remember('installed', lock);
  }
}

/** The pinned Node is a program that an install script fetches; a strict npm may have left it out. */
async function checkNode() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = `v${manifest.devDependencies.node}`;
  if ((await nodeVersion()) === wanted) return;
  await npm(['rebuild', 'node']);
  const got = await nodeVersion();
  if (got !== wanted) {
    throw new Complaint(
      `The pinned Node ${wanted} was not installed (found ${got ?? 'none'}): allow its install script.`,
    );
  }
}

/** @returns {Promise<string | undefined>} */
function nodeVersion() {
  return new Promise((resolve) => {
    const child = spawn(pinnedNode, ['-v'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
    });
    let said = '';
    child.stdout.on('data', (part) => {
      said += part;
    });
    child.once('error', () => resolve(undefined));
    child.once('close', () => resolve(said.trim() || undefined));
  });
}

/** Runs a script's work; a complaint is one sentence and exit code 1. @param {() => Promise<number>} work */
export function runScript(work) {
  work().then(
    (code) => process.exit(code),
    (error) => {
      console.error(error instanceof Complaint ? error.message : error);
      process.exit(1);
    },
  );
}
