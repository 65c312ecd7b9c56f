import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPepper, pepperPath } from './pepper.ts';

it('a pepper is made once, whole, for us alone, and nothing is left beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'accord-pepper-'));
  try {
    const made = openPepper(folder);
    expect(made).toHaveLength(32);
    expect(openPepper(folder)).toEqual(made);
    expect(readdirSync(folder)).toEqual(['age-pepper']);
    expect(statSync(pepperPath(folder)).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
