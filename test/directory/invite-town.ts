/** Organizations that invite, with mail or without, and both ends of a link. */
import { expect, onTestFinished } from 'vitest'
import type { Post } from '../../src/directory/invitations/post.ts'
import { openPost } from '../../src/mail/post.ts'
import { mailSettings } from '../../src/mail/settings.ts'
import { type MailServer, openMailServer } from '../mail/server.ts'
import { type Answer, type Client, type Directory, type Opening, openDirectory } from './http.ts'
import { type Stage, stageOf } from './stage.ts'

export const linkBase = 'https://app.example.com/invite'

export interface Town extends Stage {
  readonly directory: Directory
  /** Another organization of the same folder. */
  neighbour(preset: string): Promise<Stage>
}

/** Closed when the test ends. */
export async function townOf(preset: string, opening: Opening = {}): Promise<Town> {
  const directory = await openDirectory(opening)
  const stage = await stageOf(directory, preset)
  return { ...stage, directory, neighbour: (other) => stageOf(directory, other) }
}

/** Mail that goes to a server on this machine, for as long as the test. */
export async function mailed(): Promise<{ readonly server: MailServer; readonly post: Post }> {
  const server = await openMailServer()
  onTestFinished(() => server.close())
  const post = await openPost(
    mailSettings({ mail: 'smtp', smtpUrl: server.url, mailFrom: 'Acme <invites@example.com>', linkBase }),
  )
  onTestFinished(() => post.close())
  return { server, post }
}

/** The token of the link in a letter. */
export function tokenIn(text: string | undefined): string {
  return /https:\/\/app\.example\.com\/invite#(\S+)/.exec(text ?? '')?.[1] ?? ''
}

/** Without mail the token comes with the answer. */
export async function invited(
  client: Client,
  invitation: object,
): Promise<{ readonly id: string; readonly token: string; readonly body: Answer['body'] }> {
  const { status, body } = await client('POST', '/invitations', invitation)
  expect(body).toMatchObject({ status: 'pending' })
  expect(status).toBe(201)
  return { id: body.id, token: body.token, body }
}

/** As the application's sign-in. */
export function accept({ directory }: Town, token: string, user: object = {}): Promise<Answer> {
  return directory.ask('POST', '/v1/invitations/accept', { token, user })
}

export function lookAt({ directory }: Town, token: string): Promise<Answer> {
  return directory.ask('POST', '/v1/invitations/look', { token })
}
