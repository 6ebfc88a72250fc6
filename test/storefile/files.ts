/** Folders of small files for the tests of this room, gone when the test is. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new folder holding `files`, by name. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'kith-storefile-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

export const documentModel = `model
  schema 1.1

type user

type group
  relations
    define member: [user, group#member]

type document
  relations
    define viewer: [user, user:*, group#member, user with in_region] or editor
    define editor: [user]

condition in_region(region: string, allowed: list<string>) {
  region in allowed
}
`

/** The text as the body of a `model: |` field. */
export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
