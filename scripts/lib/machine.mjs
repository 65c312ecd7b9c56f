import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { Complaint, run } from './install.mjs';

const onPath = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** The oldest PostgreSQL that the system brings and that we support, if any. @returns {number | undefined} */
export function systemPostgres() {
  const folder = '/usr/lib/postgresql';
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .map(Number)
    .filter((major) => major >= 15 && major < 18 && existsSync(`${folder}/${major}/bin/initdb`))
    .sort((one, other) => one - other)[0];
}

const fontFolder = '/usr/share/fonts/truetype';

/** What the tests need beyond npm's packages: Debian's package, and whether it is here. */
const needs = [
  { name: 'chromium', here: () => onPath('chromium') },
  { name: 'postgresql', here: () => systemPostgres() !== undefined },
  { name: 'nats-server', here: () => onPath('nats-server') },
  { name: 'ffmpeg', here: () => onPath('ffmpeg') },
  { name: 'fonts-liberation', here: () => existsSync(`${fontFolder}/liberation`) },
  { name: 'fonts-noto-color-emoji', here: () => existsSync(`${fontFolder}/noto/NotoColorEmoji.ttf`) },
];

/** Installs what the tests need on Debian as root; elsewhere says what to install. */
export async function prepareMachine() {
  const missing = needs.filter(({ here }) => !here()).map(({ name }) => name);
  if (missing.length === 0) return;
  const debian = existsSync('/etc/debian_version') && onPath('apt-get');
  if (!debian || process.getuid?.() !== 0) {
    const how = debian
      ? `sudo apt-get install --no-install-recommends ${missing.join(' ')}`
      : missing.join(', ');
    throw new Complaint(`The tests need programs that are not installed here: ${how}`);
  }
  console.log(`Installing ${missing.join(', ')}…`);
  const apt = ['-o', 'DPkg::Lock::Timeout=300', '-q'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const updated = await run('apt-get', [...apt, 'update'], { env });
  const code = await run('apt-get', [...apt, 'install', '-y', '--no-install-recommends', ...missing], {
    env,
  });
  if (updated !== 0 || code !== 0) throw new Complaint('apt-get failed; its words are above.');
}
