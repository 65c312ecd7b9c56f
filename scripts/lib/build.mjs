import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { Complaint, npm, recall, remember, root } from './install.mjs';

/**
 * What is built, in order: the workspace, its folder, and what it makes.
 * @type {readonly { workspace: string, folder: string, output: string, after?: (folder: string) => void }[]}
 */
const builds = [
  { workspace: '@accord/perceptual', folder: 'packages/perceptual', output: 'packages/perceptual/build' },
  { workspace: '@accord/hash-index', folder: 'packages/hash-index', output: 'packages/hash-index/build' },
  { workspace: '@accord/web', folder: 'apps/web', output: 'apps/web/dist', after: compressAll },
];

/** A workspace's folder and those of the workspaces that it stands on. @param {string} folder @returns {string[]} */
function sourcesOf(folder) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const own = Object.keys(dependencies).filter((name) => name.startsWith('@accord/'));
  return [...new Set([folder, ...own.flatMap((name) => sourcesOf(name.replace('@accord', 'packages')))])];
}

const skipped = new Set(['node_modules', 'dist', 'build', 'test', 'coverage']);

/** @param {string} folder @returns {string[]} */
function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesOf(path);
      return entry.isFile() && !entry.name.endsWith('.test.ts') ? [path] : [];
    });
}

/** One hash over the names and bytes of what a build reads. @param {readonly string[]} folders */
function hashOf(folders) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const path of folders.flatMap((folder) => filesOf(join(root, folder)))) {
    const bytes = readFileSync(path);
    hash.update(`${path.slice(root.length)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

const compressible = /\.(js|css|html|svg|json|webmanifest|wasm|txt)$/;
/** Below this a compressed copy saves less than the lookup costs. */
const smallest = 1024;

/** Compressed copies beside the files, made once here so that no request has to wait for them. @param {string} folder */
function compressAll(folder) {
  for (const path of filesOf(folder)) {
    const bytes = readFileSync(path);
    if (!compressible.test(path) || bytes.length < smallest) continue;
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

/** Builds what changed since it was last built; returns the names of what was. @returns {Promise<string[]>} */
export async function build() {
  const done = [];
  for (const { workspace, folder, output, after } of builds) {
    const hash = hashOf(sourcesOf(folder));
    const mark = `built-${workspace.split('/')[1]}`;
    if (recall(mark) === hash && existsSync(join(root, output))) continue;
    console.log(`Building ${workspace}…`);
    const code = await npm(['run', '--silent', 'build', '--workspace', workspace]);
    if (code !== 0) throw new Complaint(`The build of ${workspace} failed; its words are above.`);
    after?.(join(root, output));
    remember(mark, hash);
    done.push(workspace);
  }
  return done;
}
