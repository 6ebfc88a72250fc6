/** Run by migrate.test.ts: migrates a folder, and dies when its first store is done and its second one is not. */
import { migrate } from '../../src/storage/migrate.ts'

let rebuilt = 0
await migrate(process.argv[2] ?? '', (step) => {
  if (step.startsWith('rebuilding') && ++rebuilt === 2) process.kill(process.pid, 'SIGKILL')
})
