/** Uploading files of members, as a client does. */
import type { Answer, Directory } from './http.ts'
import type { Stage } from './stage.ts'

type File = string | Uint8Array | ReadableStream

export interface Uploads {
  /** Id of the group. */
  readonly group: string
  readonly members: string
  /** @param headers - of the request; by default it is the file itself */
  upload(file: File, actor?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Of one that has to be good. @returns its id */
  preview(file: File, actor?: string): Promise<string>
  confirm(id: string, body?: object, actor?: string): Promise<Answer>
  get(path: string, actor?: string): Promise<Answer>
  /** `id role` of everybody in the group, in order. */
  roles(): Promise<readonly string[]>
}

export function uploadsTo(directory: Directory, stage: Stage, group: string): Uploads {
  const members = `/groups/${group}/members`
  const uploads: Uploads = {
    group,
    members,
    upload: (file, actor = 'boss', headers = {}) =>
      directory.ask('POST', `/v1/orgs/${stage.id}${members}/imports`, file, {
        'kith-actor': `user:${actor}`,
        'content-type': 'text/csv',
        ...headers,
      }),
    async preview(file, actor) {
      const { status, body } = await uploads.upload(file, actor)
      if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`)
      return body.importId
    },
    confirm: (id, body = {}, actor = 'boss') =>
      stage.as(actor)('POST', `${members}/imports/${id}/confirm`, body),
    get: (path, actor = 'boss') => stage.as(actor)('GET', `${members}/imports/${path}`),
    async roles() {
      const rows: string[] = []
      let token = ''
      do {
        const page = await stage.boss('GET', `${members}?pageSize=200&continuationToken=${token}`)
        for (const { id, role } of page.body.members) rows.push(`${id} ${role}`)
        token = encodeURIComponent(page.body.continuationToken)
      } while (token !== '')
      return rows
    },
  }
  return uploads
}
