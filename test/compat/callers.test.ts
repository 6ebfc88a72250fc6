/** The ways the official OpenFGA SDK shows who it is, unchanged: an API token, and client credentials of an issuer. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CredentialsMethod, FgaApiAuthenticationError, FgaApiError, OpenFgaClient } from '@openfga/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Sidecar, startSidecar } from '../../src/sidecar.ts'
import { issuer, keySetOf, signerOf, tokenOf } from '../callers/issuer.ts'

const adminKey = 'a'.repeat(40)
const logged: string[] = []
let folder: string
let sidecar: Sidecar
let tokenServer: { readonly url: string; close(): void }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kith-sdk-'))
  tokenServer = await startIssuer()
  const callersFile = join(folder, 'callers')
  await writeFile(callersFile, `admin key:${adminKey} *\n`)
  const options = {
    data: join(folder, 'data'),
    listen: '127.0.0.1:0',
    auth: 'keys,oidc',
    'callers-file': callersFile,
    'oidc-issuer': issuer,
    'oidc-audience': 'https://kith.example',
    'oidc-algorithms': 'ES256',
    'oidc-jwks': `${tokenServer.url}/keys`,
  }
  sidecar = await startSidecar(readConfig(options, {}), (...line) => logged.push(JSON.stringify(line)))
})
afterAll(async () => {
  await sidecar.stop()
  tokenServer.close()
  await rm(folder, { recursive: true })
})

/** Gives a token for its audience to whom it knows; publishes the key to verify it by. */
async function startIssuer() {
  const signer = await signerOf('k')
  const server = createServer(async (request, answer) => {
    answer.setHeader('content-type', 'application/json')
    if (request.url === '/keys') return answer.end(JSON.stringify(keySetOf(signer)))
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const asked = new URLSearchParams(body)
    const claims = { aud: asked.get('audience'), sub: asked.get('client_id'), scope: 'kith:check kith:read' }
    const token = await tokenOf(signer, Date.now(), claims)
    return answer.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3_600 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

const withKey = (token: string, storeId?: string) =>
  new OpenFgaClient({
    apiUrl: sidecar.address,
    ...(storeId !== undefined && { storeId }),
    credentials: { method: CredentialsMethod.ApiToken, config: { token } },
    retryParams: { maxRetry: 0 },
  })

const withClient = (storeId: string, apiAudience = 'https://kith.example') =>
  new OpenFgaClient({
    apiUrl: sidecar.address,
    storeId,
    credentials: {
      method: CredentialsMethod.ClientCredentials,
      config: {
        apiTokenIssuer: `${tokenServer.url}/oauth/token`,
        apiAudience,
        clientId: 'worker',
        clientSecret: 'hush-hush',
      },
    },
    retryParams: { maxRetry: 0 },
  })

const type_definitions = [
  { type: 'user' },
  {
    type: 'document',
    relations: { viewer: { this: {} } },
    metadata: { relations: { viewer: { directly_related_user_types: [{ type: 'user' }] } } },
  },
]
const anne = { user: 'user:anne', relation: 'viewer', object: 'document:1' }

async function storeWithAnne(): Promise<string> {
  const { id } = await withKey(adminKey).createStore({ name: 'sdk store' })
  const admin = withKey(adminKey, id)
  await admin.writeAuthorizationModel({ schema_version: '1.1', type_definitions })
  await admin.writeTuples([anne])
  return id
}

test('an API token does what its scopes say; none and a wrong one do nothing', async () => {
  const store = await storeWithAnne()
  expect(await withKey(adminKey, store).check(anne)).toMatchObject({ allowed: true })
  await expect(withKey('b'.repeat(40), store).check(anne)).rejects.toBeInstanceOf(FgaApiAuthenticationError)
  const stranger = new OpenFgaClient({
    apiUrl: sidecar.address,
    storeId: store,
    retryParams: { maxRetry: 0 },
  })
  await expect(stranger.check(anne)).rejects.toBeInstanceOf(FgaApiAuthenticationError)
})

test('a key made for one store checks there, and nothing else', async () => {
  const [store, other] = [await storeWithAnne(), await storeWithAnne()]
  const made = await fetch(`${sidecar.address}/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}` },
    body: JSON.stringify({ name: 'app', scopes: [`check:${store}`] }),
  })
  const { key, id } = (await made.json()) as { key: string; id: string }
  const app = withKey(key, store)
  expect(await app.check(anne)).toMatchObject({ allowed: true })
  const { result } = await app.batchCheck({ checks: [anne, { ...anne, user: 'user:bob' }] })
  expect(result.map(({ allowed }) => allowed).sort()).toEqual([false, true])
  expect((await app.listStores()).stores.map((each) => each.id)).toEqual([store])
  await expect(app.listObjects({ ...anne, type: 'document' })).rejects.toMatchObject({ statusCode: 403 })
  await expect(app.writeTuples([anne])).rejects.toBeInstanceOf(FgaApiError)
  await expect(withKey(key, other).check(anne)).rejects.toMatchObject({ statusCode: 404 })
  await fetch(`${sidecar.address}/v1/keys/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${adminKey}` },
  })
  await expect(app.check(anne)).rejects.toBeInstanceOf(FgaApiAuthenticationError)
})

test('client credentials: the token an issuer gave', async () => {
  const store = await storeWithAnne()
  const worker = withClient(store)
  for (let i = 0; i < 3; i++) expect(await worker.check(anne)).toMatchObject({ allowed: true })
  expect((await worker.read()).tuples).toHaveLength(1)
  await expect(worker.writeTuples([anne])).rejects.toMatchObject({ statusCode: 403 })
  await expect(withClient(store, 'https://other.example').check(anne)).rejects.toBeInstanceOf(
    FgaApiAuthenticationError,
  )
})

test('what was done to keys is logged with who did it, and no credential ever is', () => {
  const lines = logged.join('\n')
  expect(lines).toContain('key created')
  expect(lines).toContain('key revoked')
  expect(lines).toContain('"by":"key:admin"')
  expect(lines).not.toMatch(new RegExp(`${adminKey}|kith_[0-9A-Z]|eyJ|hush`))
})
