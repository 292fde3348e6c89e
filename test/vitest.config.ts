import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { totalsReporter } from './support/reporter.ts';

const testFolder = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  // Otherwise it is test/node_modules.
  cacheDir: fileURLToPath(new URL('../node_modules/.vite', import.meta.url)),
  test: {
    root: testFolder,
    include: ['**/*.test.ts', '**/*.test.tsx'],
    // Processes, not threads: files start servers, hold SQLite and Postgres in WebAssembly, and change their signals.
    pool: 'forks',
    // Two files at once on the smallest machine meant (2 cores): more only makes deadlines miss.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 5_000,
    slowTestThreshold: 2_000,
    reporters: ['default', totalsReporter(process.env, (text) => process.stdout.write(text))],
  },
});
