/** Run by conditions.test.ts under a small limit: uses up every file descriptor, and writes; prints what came of it. */
import { closeSync, openSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { openStorage } from '../../src/storage/open.ts'

function takeAll(): number[] {
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    return taken
  }
}

function giveBack(taken: readonly number[]): void {
  for (const fd of taken) closeSync(fd)
}

const [path = '', store = ''] = process.argv.slice(2)
const taken = takeAll()
const opening = await openStorage({ path }).then(
  () => 'opened',
  (error: Error) => error.message,
)
giveBack(taken)

const storage = await openStorage({ path }, { sweepEveryMs: 0 })
// It has a table open for a while, and would give that one back. Nothing else keeps this process alive meanwhile.
const alive = setInterval(() => {}, 1000)
await storage.scrub()
const again = takeAll()
const acked: string[] = []
let refused: unknown
// LevelDB begins a new file each 32 MiB of its log.
while (refused === undefined && acked.length < 300) {
  const object = `doc:${acked.length}`
  const condition = { name: 'large', context: { text: 'x'.repeat(200_000) } }
  const writes = [{ object, relation: 'viewer', subject: 'user:ann', condition }]
  await storage.commit(store, { writes }).then(
    () => acked.push(object),
    (error: { code?: unknown }) => {
      refused = error.code
    },
  )
}
const readable = acked.every(
  (object) => storage.view(store).tuple(object, 'viewer', 'user:ann') !== undefined,
)
giveBack(again)
while (storage.unready !== undefined) await setTimeout(20)
await storage.commit(store, { writes: [{ object: 'doc:after', relation: 'viewer', subject: 'user:ann' }] })
await storage.close()
clearInterval(alive)
process.stdout.write(JSON.stringify({ opening, refused, readable, acked: acked.length }))
