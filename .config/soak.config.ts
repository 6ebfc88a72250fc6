/** How `npm run soak` runs: the properties for KITH_SOAK_SECONDS (600); the others say in their files how many they count. */
import { defineConfig } from 'vitest/config'

const seconds = Number(process.env.KITH_SOAK_SECONDS ?? 600)

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/soak/**/*.soak.ts'],
    // Two files run beside each other; the last round of each may start just before the end.
    testTimeout: (seconds + 120) * 1_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
