/** How `npm test` runs: every test file, each in its own worker. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // They end what hangs and judge nothing: the longest test takes 20 s, and 200 where it gets a tenth of a core.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
