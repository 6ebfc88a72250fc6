/** Where tokens are not: nothing that a sidecar keeps, says or logs lets anybody in, but the letter alone. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import type { Log } from '../../src/lib/log.ts'
import { startSidecar } from '../../src/sidecar.ts'
import { openMailServer } from '../mail/server.ts'
import { linkBase, tokenIn } from './invite-town.ts'

test('D22: the token is in the letter, and neither in the data folder, nor in a log, nor in an answer', async () => {
  const data = mkdtempSync(join(tmpdir(), 'kith-secrets-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const server = await openMailServer()
  onTestFinished(() => server.close())
  // Quoted by the server: that comes back, too.
  const quoted = { at: 'data', text: `bad link ${linkBase}#x` } as const
  let isFirst = true
  server.refuses = (_, recipient) => {
    if (recipient === 'b@example.com') return { ...quoted, code: 554 }
    if (recipient !== 'a@example.com' || !isFirst) return undefined
    isFirst = false
    return { ...quoted, code: 451 }
  }
  const lines: string[] = []
  const log: Log = (...line) => void lines.push(JSON.stringify(line))
  const config = readConfig({
    data: join(data, 'data'),
    listen: '127.0.0.1:0',
    mail: 'smtp',
    'smtp-url': server.url,
    'mail-from': 'invites@example.com',
    'link-base': linkBase,
  })
  const answers: string[] = []
  const sidecar = await startSidecar(config, log)
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${sidecar.address}${path}`, {
      method,
      // What a request says of its host is in no link.
      headers: {
        'content-type': 'application/json',
        'kith-actor': 'user:boss',
        'x-forwarded-host': 'evil.example',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    answers.push(text)
    return text === '' ? {} : JSON.parse(text)
  }
  const owner = { id: 'boss', name: 'Boss' }
  const { id: org } = await ask('POST', '/v1/orgs', { name: 'Acme', preset: 'client-portal', owner })
  const made: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) {
    made.push((await ask('POST', `/v1/orgs/${org}/invitations`, { email: `${name}@example.com` })).id)
  }
  // One of them was refused for good, the others arrive.
  const letters = await server.until(3)
  const tokens = letters.map(({ mail }) => tokenIn(mail.text))
  expect(new Set(tokens).size).toBe(3)
  for (const { raw } of letters) expect(raw).not.toContain('evil.example')
  const entered = await ask('POST', '/v1/invitations/accept', { token: tokens[0] })
  expect(entered).toHaveProperty('user')
  await ask('POST', '/v1/invitations/accept', { token: tokens[0] })
  await ask('POST', '/v1/invitations/look', { token: tokens[1] })
  for (const id of made) await ask('GET', `/v1/orgs/${org}/invitations/${id}`)
  await ask('GET', `/v1/orgs/${org}/invitations`)
  await ask('GET', `/v1/orgs/${org}/changes`)
  await ask('GET', `/v1/stores/${org}/changes`)
  await sidecar.stop()
  const kept = bytesOf(data)
  expect(kept.length).toBeGreaterThan(1000)
  // The search would find what is there.
  expect(kept.includes(Buffer.from(org))).toBe(true)
  for (const token of tokens) {
    const secret = token.slice(token.indexOf('.') + 1)
    const raw = Buffer.from(secret, 'base64url')
    for (const form of [
      Buffer.from(secret),
      raw,
      Buffer.from(raw.toString('hex')),
      Buffer.from(raw.toString('base64')),
    ]) {
      expect(kept.includes(form)).toBe(false)
    }
    expect(lines.join('\n')).not.toContain(secret)
    expect(answers.join('\n')).not.toContain(secret)
  }
})

function bytesOf(path: string): Buffer {
  if (!statSync(path).isDirectory()) return readFileSync(path)
  return Buffer.concat(readdirSync(path).map((name) => bytesOf(join(path, name))))
}
