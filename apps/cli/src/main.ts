#!/usr/bin/env -S node --max-semi-space-size=8
import { accord } from './accord.ts';
import { progressBar } from './progress.ts';

// Who closes the pipe early, as head does, has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

accord(process.argv.slice(2), {
  env: process.env,
  now: Date.now,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  ...(process.stderr.isTTY && { progress: progressBar(process.stderr) }),
}).then((code) => {
  process.exitCode = code;
});
