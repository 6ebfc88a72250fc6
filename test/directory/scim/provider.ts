/** An identity provider: what it asks of an organization's SCIM, as a client would. */
import type { Answer, Directory } from '../http.ts'

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

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const enterpriseSchema = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const errorSchema = 'urn:ietf:params:scim:api:messages:2.0:Error'
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

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
    user: (userName, fields = {}) => made('/Users', { schemas: [userSchema], userName, ...fields }),
    group: (displayName, members = []) =>
      made('/Groups', { schemas: [groupSchema], displayName, members: members.map((value) => ({ value })) }),
  }
}

function read({ body, headers }: Answer) {
  const isScim = headers.get('content-type')?.startsWith('application/scim+json') === true
  return isScim && typeof body === 'string' && body !== '' ? JSON.parse(body) : body
}

export function patch(...Operations: readonly object[]) {
  return { schemas: [patchSchema], Operations }
}

export function filtered(text: string): string {
  return `?filter=${encodeURIComponent(text)}`
}
