/**
 * The folder's secret: 32 random bytes made at first start, from which every key is derived. A file of one line for
 * each secret, base64; the first seals, all of them open, so that a rotation is a line put on top.
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from './durable-file.ts'

const secretBytes = 32

export interface Secrets {
  /** The first seals. */
  readonly all: readonly Uint8Array[]
  /** The key of a purpose, 32 bytes, from the first secret. */
  key(purpose: string): Uint8Array
  /** The keys of a purpose from all secrets, first the first. */
  keys(purpose: string): readonly Uint8Array[]
}

/** For a folder in memory: nobody can hold a zookie longer than it lives. */
export function randomSecrets(): Secrets {
  return secretsOf([randomBytes(secretBytes)])
}

/** Reads `path/secret`, or makes it, mode 0600. @throws Error when it holds anything but secrets */
export function openSecrets(path: string): Secrets {
  const file = join(path, 'secret')
  const lines = (readIfThere(file) ?? makeSecret(file)).split('\n').filter((line) => line.trim() !== '')
  const secrets = lines.map((line) => Buffer.from(line.trim(), 'base64'))
  if (secrets.length === 0 || secrets.some((secret) => secret.length < secretBytes)) {
    throw new Error(`the file ${file} must hold at least 32 bytes as base64 on each line`)
  }
  return secretsOf(secrets)
}

/**
 * The secrets of a restored folder: a new one over those of the original. So zookies of the original are still told
 * from forged ones, and page tokens, which name a place in a log that may have forked, are refused.
 */
export function writeSecrets(path: string, secrets: readonly Uint8Array[]): void {
  const lines = [randomBytes(secretBytes), ...secrets].map((one) => Buffer.from(one).toString('base64'))
  writeDurably(join(path, 'secret'), `${lines.join('\n')}\n`)
}

function secretsOf(secrets: readonly Uint8Array[]): Secrets {
  const derived = new Map<string, readonly Uint8Array[]>()
  const keysOf = (purpose: string): readonly Uint8Array[] => {
    let keys = derived.get(purpose)
    if (keys === undefined) {
      keys = secrets.map((secret) => new Uint8Array(hkdfSync('sha256', secret, '', purpose, secretBytes)))
      derived.set(purpose, keys)
    }
    return keys
  }
  return { all: secrets, key: (purpose) => keysOf(purpose)[0] as Uint8Array, keys: keysOf }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole or not at all, whenever the process dies: a half secret would keep the folder from opening. */
function makeSecret(file: string): string {
  const text = `${randomBytes(secretBytes).toString('base64')}\n`
  writeDurably(file, text)
  return text
}
