/** An identity provider: what it asks of an organization's SCIM, as a client would. */
import { type Answer, type Directory, sharedDirectory } from '../http.ts'
import { type Stage, stageOf } from '../stage.ts'

export interface Provider {
  readonly org: string
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  /** @returns the id */
  user(userName: string, fields?: object): Promise<string>
  /** @returns the id */
  group(displayName: string, members?: readonly string[]): Promise<string>
}

export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
} as const

/** An enterprise and its identity provider, for the tests of one file. */
export async function openProvider(): Promise<{ directory: Directory; stage: Stage; provider: Provider }> {
  const directory = await sharedDirectory()
  const stage = await stageOf(directory, 'enterprise')
  return { directory, stage, provider: providerOf(directory, stage.id) }
}

export function providerOf(directory: Directory, org: string): Provider {
  const ask: Provider['ask'] = async (method, path, body, headers = {}) => {
    const said = body === undefined ? {} : { 'content-type': 'application/scim+json' }
    const answer = await directory.ask(method, `/scim/v2/${org}${path}`, body, { ...said, ...headers })
    return { ...answer, body: read(answer) }
  }
  const made = async (path: string, body: object): Promise<string> => {
    const { status, body: resource } = await ask('POST', path, body)
    if (status !== 201) throw new Error(`${status}: ${JSON.stringify(resource)}`)
    return resource.id
  }
  return {
    org,
    ask,
    user: (userName, fields = {}) => made('/Users', { schemas: [urn.user], userName, ...fields }),
    group: (displayName, members = []) =>
      made('/Groups', { schemas: [urn.group], displayName, members: members.map((value) => ({ value })) }),
  }
}

function read({ body, headers }: Answer) {
  const isScim = headers.get('content-type')?.startsWith('application/scim+json') === true
  return isScim && typeof body === 'string' && body !== '' ? JSON.parse(body) : body
}

export function patch(...Operations: readonly object[]) {
  return { schemas: [urn.patch], Operations }
}

export function filtered(text: string): string {
  return `?filter=${encodeURIComponent(text)}`
}
