/**
 * What waits in sockets is read between the call that leads to a commit, what decides it, and its rows: whoever asks for a
 * check waits for one of them. Bytes on a socket that nobody has read yet are the witness, read in the loop's next poll.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Change } from '../../src/storage/storage.ts'
import { type Folder, openTestFolder } from './folder.ts'

let folder: Folder
let store: string
const open: { end(): void }[] = []
beforeEach(async () => {
  folder = await openTestFolder('memory')
  store = (await folder.storage.createStore('one')).id
})
afterEach(async () => {
  for (const each of open.splice(0)) each.end()
  await folder.remove()
})

/** Two ends of a connection, of which the second is flowing. */
async function pair(): Promise<readonly [Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as { readonly port: number }
  const near = connect({ port: address.port, host: '127.0.0.1', noDelay: true })
  const [far] = (await once(server, 'connection')) as [Socket]
  server.close()
  open.push({ end: () => near.destroy() }, { end: () => far.destroy() })
  return [near, far.resume()]
}

test('sockets are read between a call, the decision of its commit, and the rows of it', async () => {
  const [caller, called] = await pair()
  const [asker, asked] = await pair()
  const events: string[] = []
  asked.on('data', () => events.push('read'))
  const change: Change = {
    get writes() {
      if (events.at(-1) !== 'laid out') events.push('laid out')
      return [{ object: 'doc:1', relation: 'viewer', subject: 'user:1' }]
    },
  }
  const committed = new Promise<unknown>((resolve) => {
    // In a poll of the loop, as every request comes: what is sent now is found by the next one at the earliest.
    called.on('data', () => {
      events.push('called')
      asker.write('a check')
      resolve(
        folder.storage.commit(store, () => {
          events.push('decided')
          asker.write('another check')
          return change
        }),
      )
    })
  })
  caller.write('a call')
  await committed
  expect(events).toEqual(['called', 'read', 'decided', 'read', 'laid out'])
})
