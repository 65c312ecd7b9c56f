import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startTestCluster } from '../../../../test/postgres.ts';
import { clusterPid, startCluster, stopCluster } from '../../src/platform/cluster.ts';
import { withClient } from '../../src/platform/database.ts';

it.runIf(process.platform === 'linux')(
  'a database that was killed, and that PID 1 does not bury, is started again',
  async () => {
    const { cluster, connection, stop } = await startTestCluster(18);
    onTestFinished(stop);
    await stopCluster(cluster, 'immediate');
    // Its parent becomes a program that waits for no child.
    const parent = spawn(
      'sh',
      [
        '-c',
        '"$0" "$@" >/dev/null 2>&1 & exec sleep 600',
        join(cluster.binaries.folder, 'postgres'),
        '-D',
        cluster.folder,
        '-c',
        `config_file=${cluster.folder}.conf`,
      ],
      {
        cwd: '/',
        stdio: 'ignore',
        ...(cluster.user !== undefined && { uid: cluster.user.uid, gid: cluster.user.gid }),
      },
    );
    onTestFinished(() => void parent.kill('SIGKILL'));
    await once(parent, 'spawn');
    const answers = () =>
      withClient({ ...connection, database: 'postgres' }, (client) => client.query('select 1')).then(
        () => true,
        () => false,
      );
    await expect.poll(answers).toBe(true);
    const pid = (await clusterPid(cluster)) as number;
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    expect(await clusterPid(cluster)).toBeUndefined();
    await expect.poll(() => startCluster(cluster).then(() => 'started', String)).toBe('started');
    expect(await answers()).toBe(true);
    expect(await clusterPid(cluster)).not.toBe(pid);
  },
);
