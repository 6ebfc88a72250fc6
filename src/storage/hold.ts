/**
 * The hold: a file that keeps a data folder from being opened, with the reason and what to run. One for a restore or a
 * migration that has not ended, one for damage: found while the folder was served, or half repaired.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeDurably, writeDurably } from './durable-file.ts'

export interface Hold {
  readonly kind: 'restore' | 'migration' | 'damage'
  /** For the operator: what happened, and the command to run. */
  readonly why: string
}

const nameOf = (path: string): string => join(path, 'hold')

export function holdFolder(path: string, { kind, why }: Hold): void {
  writeDurably(nameOf(path), `${kind}\n${why}\n`)
}

/** For files that are damaged; answers the error that ends the serving. */
export function holdDamaged(path: string, damage: string): Error {
  const why = `${damage}: rows may be lost or wrong; restore a backup, or see what is left with \`kith doctor --data ${path}\``
  holdFolder(path, { kind: 'damage', why })
  return new Error(`the data folder ${path} is damaged: ${why}`)
}

export function releaseFolder(path: string): void {
  removeDurably(nameOf(path))
}

/** Undefined where nothing holds the folder. One that cannot be read as a hold is taken for damage. */
export function holdOn(path: string): Hold | undefined {
  let text: string
  try {
    text = readFileSync(nameOf(path), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const [first, ...rest] = text.split('\n')
  const why = rest.join(' ').trim()
  if (first === 'restore' || first === 'migration') return { kind: first, why }
  return { kind: 'damage', why: why || `see \`kith doctor --data ${path}\`` }
}
