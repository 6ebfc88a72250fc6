/** Client certificates as credentials: through the lane and the app, believed by TLS and named on the roll, or nobody. */

import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Sidecar, startSidecar } from '../../src/sidecar.ts'
import { storeId } from './fake.ts'

const pem = (name: string) => resolve(import.meta.dirname, 'tls', name)
const ca = readFileSync(pem('authority.pem'))
const app = { cert: readFileSync(pem('client.pem')), key: readFileSync(pem('client.key')) }
const stranger = { cert: readFileSync(pem('stranger.pem')), key: readFileSync(pem('stranger.key')) }
const bearer = 'b'.repeat(40)

async function start(roll: string, more: Record<string, string> = {}): Promise<Sidecar> {
  const folder = await mkdtemp(join(tmpdir(), 'kith-mtls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'callers'), roll)
  const options = {
    data: join(folder, 'data'),
    listen: '127.0.0.1:0',
    auth: 'certificates,keys',
    'callers-file': join(folder, 'callers'),
    'tls-cert': pem('server.pem'),
    'tls-key': pem('server.key'),
    'tls-client-ca': pem('authority.pem'),
    'tls-client-auth': 'request',
    drain: '100',
    ...more,
  }
  const sidecar = await startSidecar(readConfig(options, {}), () => {})
  onTestFinished(() => sidecar.stop())
  return sidecar
}

interface Shown {
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly authorization?: string
}

/** The statuses of requests over one connection, and how many of them the lane answered. */
async function ask(sidecar: Sidecar, { authorization, ...certificate }: Shown, ...paths: string[]) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca, ...certificate })
  onTestFinished(() => agent.destroy())
  const statuses: number[] = []
  for (const path of paths) statuses.push(await askOne(sidecar, agent, path, authorization))
  return statuses
}

function askOne(sidecar: Sidecar, agent: Agent, path: string, authorization?: string): Promise<number> {
  const isQuestion = path.endsWith('check')
  const body = isQuestion ? '{"tuple_key":{"user":"user:a","relation":"viewer","object":"document:1"}}' : ''
  const headers = {
    ...(isQuestion && { 'content-type': 'application/json', 'content-length': body.length }),
    ...(authorization !== undefined && { authorization }),
  }
  return new Promise((resolve, reject) => {
    const asked = request(
      `${sidecar.address}${path}`,
      { agent, method: isQuestion ? 'POST' : 'GET', headers },
      (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

const check = `/stores/${storeId}/check`
const web = `web key:${bearer} check\n`

test('a certificate on the roll is its caller, with its scopes and no others', async () => {
  const sidecar = await start(`${web}app cert-cn:app check:${storeId} debug`)
  // There is no such store: who is let in hears of it, who is not does not.
  expect(
    await ask(sidecar, app, check, check, '/v1/debug', '/v1/keys', `/stores/${storeId}/changes`),
  ).toEqual([404, 404, 200, 403, 403])
})

test('one that is not on it, not believed, or not there is nobody', async () => {
  const other = await start(`${web}other cert-cn:other *`)
  expect(await ask(other, app, check, '/v1/debug')).toEqual([401, 401])
  const sidecar = await start(`${web}app cert-cn:app *\nstranger cert-cn:stranger *`)
  expect(await ask(sidecar, stranger, check, '/v1/debug')).toEqual([401, 401])
  expect(await ask(sidecar, {}, check, '/v1/debug', '/livez')).toEqual([401, 401, 200])
})

test('a bearer that is shown decides alone', async () => {
  const sidecar = await start(`${web}app cert-cn:app *`)
  expect(await ask(sidecar, app, '/v1/debug')).toEqual([200])
  expect(await ask(sidecar, { ...app, authorization: 'Bearer wrong' }, '/v1/debug', check)).toEqual([
    401, 401,
  ])
  expect(await ask(sidecar, { ...app, authorization: `Bearer ${bearer}` }, '/v1/debug')).toEqual([403])
  expect(await ask(sidecar, { authorization: `Bearer ${bearer}` }, check)).toEqual([404])
})

test('without certificates among what is asked for, they say nothing', async () => {
  const sidecar = await start(web, { auth: 'keys' })
  expect(await ask(sidecar, app, '/v1/debug', check)).toEqual([401, 401])
})

test('the lane answers for a certificate', async () => {
  const sidecar = await start(`${web}app cert-cn:app *`)
  const before = await counts(sidecar)
  expect(await ask(sidecar, app, check, check)).toEqual([404, 404])
  expect((await counts(sidecar)).answered - before.answered).toBe(2)
})

async function counts(sidecar: Sidecar): Promise<{ answered: number }> {
  const agent = new Agent({ ca, ...app })
  return new Promise((resolve, reject) => {
    request(`${sidecar.address}/v1/debug`, { agent }, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += String(chunk)
      resolve((JSON.parse(text) as { lane: { answered: number } }).lane)
    })
      .on('error', reject)
      .end()
  })
}
