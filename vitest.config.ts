import { defineConfig } from 'vitest/config';

/** What comes by itself is waited for, however busy the machine is. */
const poll = { timeout: 20_000 };

/**
 * Three projects, told apart by what a test needs: `unit` nothing, `integration` a real PostgreSQL,
 * `e2e` a real Chromium besides. One run, one count.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line.ts'],
    // What differed is said whole: a failure elsewhere is known by its closing lines alone.
    chaiConfig: { truncateThreshold: 2000 },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
          globalSetup: ['./test/postgres.ts'],
          testTimeout: 120_000,
          expect: { poll },
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/src/**/*.test.ts'],
          globalSetup: ['./test/postgres.ts'],
          testTimeout: 180_000,
          expect: { poll },
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
