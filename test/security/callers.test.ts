/** Published mistakes with callers and credentials, by their ids; test/callers and test/http/callers.test.ts have the rest. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { routes } from '../../src/http/routes.ts'
import { type Sidecar, startSidecar } from '../../src/sidecar.ts'
import { issuer, keySetOf, signerOf, tokenOf } from '../callers/issuer.ts'

const secret = `s3cret${'x'.repeat(40)}`
const logged: string[] = []
let folder: string
let sidecar: Sidecar
let signer: Awaited<ReturnType<typeof signerOf>>

const configIn = (more: Record<string, string>) =>
  readConfig({ data: join(folder, 'data'), listen: '127.0.0.1:0', drain: '100', ...more }, {})
const oidc = () => ({
  auth: 'keys,oidc',
  'callers-file': join(folder, 'callers'),
  'oidc-issuer': issuer,
  'oidc-audience': 'kith',
  'oidc-algorithms': 'ES256',
  'oidc-jwks': join(folder, 'jwks'),
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kith-security-'))
  signer = await signerOf('k')
  await writeFile(join(folder, 'callers'), `admin key:${secret} *\n`)
  await writeFile(join(folder, 'jwks'), JSON.stringify(keySetOf(signer)))
  sidecar = await startSidecar(configIn(oidc()), (...line) => logged.push(JSON.stringify(line)))
})
afterAll(async () => {
  await sidecar.stop()
  await rm(folder, { recursive: true, force: true })
})

const get = (path: string, credential?: string, init: RequestInit = {}) =>
  fetch(`${sidecar.address}${path}`, {
    ...init,
    ...(credential !== undefined && { headers: { authorization: `Bearer ${credential}` } }),
  })

describe('CVE-2022-39340: a streaming route was not asked for credentials', () => {
  const streams = routes.filter(({ path }) => /stream|export|import|backup|changes|watch/.test(path))
  test('those that stream are found', () => expect(streams.length).toBeGreaterThanOrEqual(5))
  test.each(streams)('$method $path', async ({ method, path }) => {
    const body = method === 'POST' ? { body: '{}' } : {}
    const answer = await get(path.replace(':store', '01J0000000000000000000000A'), undefined, {
      method,
      ...body,
    })
    expect(answer.status).toBe(401)
    expect(await answer.text()).not.toContain('\n')
  })
})

test('CVE-2026-40293, CVE-2023-29193: a page, or the metrics, showed what nobody should see', async () => {
  for (const path of [
    '/metrics',
    '/docs',
    '/openapi.json',
    '/v1/debug',
    '/v1/keys',
    '/readyz',
    '/nowhere',
    '/stores',
  ]) {
    for (const credential of [undefined, secret]) {
      expect(await (await get(path, credential)).text()).not.toContain(secret.slice(0, 12))
    }
  }
})

describe('CVE-2026-55689: the audience of a token was not looked at when none was set', () => {
  test('none set refuses to start', async () => {
    const { 'oidc-audience': _, ...rest } = oidc()
    const started = startSidecar(configIn({ ...rest, data: join(folder, 'other') }), () => {})
    await expect(started).rejects.toThrow('needs --oidc-audience')
  })
  test.each<[string, object]>([
    ['another', { aud: 'other' }],
    ['none', { aud: undefined }],
    ['an empty one', { aud: '' }],
    ['an empty list', { aud: [] }],
  ])('%s is refused', async (_, claims) => {
    expect((await get('/docs', await tokenOf(signer, Date.now(), claims))).status).toBe(401)
    expect((await get('/docs', await tokenOf(signer, Date.now()))).status).toBe(200)
  })
})

describe('CVE-2023-46255, CVE-2026-40091: secrets in logs and errors of a start', () => {
  test.each([
    ['a scope that means nothing', `admin key:${secret} root`],
    ['a credential twice', `a key:${secret} check\nb key:${secret} check`],
    ['no scopes', `admin key:${secret}`],
    ['the wrong kind', `admin password:${secret} check`],
    ['the key first', `${secret}! check`],
  ])('%s', async (_, roll) => {
    const path = join(folder, 'broken')
    await writeFile(path, roll)
    const lines: string[] = []
    const config = configIn({ auth: 'keys', 'callers-file': path, data: join(folder, 'another') })
    const error: unknown = await startSidecar(config, (...line) => lines.push(JSON.stringify(line))).catch(
      (e) => e,
    )
    expect(error).toBeInstanceOf(Error)
    expect(
      `${String(error)}${(error as Error).stack}${String((error as Error).cause)}${lines}`,
    ).not.toContain(secret)
  })

  test('nor of what was served', async () => {
    await get('/docs', secret)
    await get('/docs', `${secret}y`)
    expect(logged.length).toBeGreaterThan(0)
    expect(logged.join()).not.toContain(secret.slice(0, 12))
  })
})
