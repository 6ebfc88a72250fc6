/** Run by crash.test.ts and durability.test.ts: writes until it is killed, and says what was acknowledged. */
import { writeSync } from 'node:fs'
import { openStorage } from '../../src/storage/open.ts'

const [path = '', writers = '1', commits = '1000000'] = process.argv.slice(2)
const storage = await openStorage({ path })
const known = (await storage.stores(1)).rows[0]
const store = known ?? (await storage.createStore('one'))
writeSync(1, `store ${store.id}\n`)

const start = storage.view(store.id).revision
await Promise.all(
  Array.from({ length: Number(writers) }, async (_, writer) => {
    for (let i = 0; i < Number(commits); i++) {
      const name = `${start}-${writer}-${i}`
      // Three tuples that are there together or not at all: inline, in a group that spreads, and from a userset.
      const { revision } = await storage.commit(store.id, {
        writes: [
          { object: `doc:${name}`, relation: 'viewer', subject: `group:${writer}#member` },
          { object: 'group:all', relation: 'member', subject: `user:${name}` },
          { object: `doc:${i}`, relation: 'owner', subject: `user:${name}` },
        ],
      })
      writeSync(1, `ack ${revision} ${name}\n`)
    }
  }),
)
await storage.close()
