import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { readAhead } from '../../../src/http/lane/ahead.ts'

/** Both ends of a connection. */
async function ends(): Promise<{ far: Socket; near: Socket }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  onTestFinished(() => {
    far.destroy()
    near.destroy()
    server.close()
  })
  return { far, near }
}

/** What came, by the way it came. */
function follow(near: Duplex, isTaking: () => boolean) {
  const seen: string[] = []
  let changed = () => {}
  const note = (what: string) => {
    seen.push(what)
    changed()
  }
  const stop = readAhead(near as Socket, (chunk) => {
    if (isTaking()) note(`ahead: ${chunk}`)
    return isTaking()
  })
  near.on('data', (chunk: Buffer) => note(`stream: ${chunk}`))
  near.on('end', () => note('end'))
  const until = async (count: number) => {
    while (seen.length < count)
      await new Promise<void>((resolve) => {
        changed = resolve
      })
  }
  return { seen, stop, until }
}

test('chunks that are taken never reach the stream, the others and the end do', async () => {
  const { far, near } = await ends()
  let isTaking = true
  const { seen, stop, until } = follow(near, () => isTaking)
  far.write('a')
  await until(1)
  far.write('b')
  await until(2)
  isTaking = false
  far.write('c')
  await until(3)
  isTaking = true
  far.write('d')
  await until(4)
  stop()
  far.write('e')
  await until(5)
  far.end()
  await until(6)
  expect(seen).toEqual(['ahead: a', 'ahead: b', 'stream: c', 'ahead: d', 'stream: e', 'end'])
})

test('the end comes behind chunks that were taken alone', async () => {
  const { far, near } = await ends()
  const { seen, until } = follow(near, () => true)
  far.end('a')
  await until(2)
  expect(seen).toEqual(['ahead: a', 'end'])
})

test('what waits in the stream is not overtaken', async () => {
  const { far, near } = await ends()
  let isTaking = false
  const { seen, until } = follow(near, () => isTaking)
  near.pause()
  far.write('a')
  while (near.readableLength === 0) await new Promise((resolve) => setImmediate(resolve))
  isTaking = true
  far.write('b')
  while (near.readableLength === 1 && seen.length === 0) await new Promise((resolve) => setImmediate(resolve))
  near.resume()
  await until(1)
  expect(seen.join('').replaceAll('stream: ', '')).toBe('ab')
})

test('what is no socket is read as it is: it would not read on', async () => {
  const near = new Duplex({ read() {}, write: (_chunk, _encoding, taken) => taken() })
  const { seen, until } = follow(near, () => true)
  near.push('a')
  await until(1)
  expect(seen).toEqual(['stream: a'])
})
