/**
 * The roll: callers named in a file of the operator's, one a line, so that containers can bring theirs along:
 *
 *   # name    credential                          scopes
 *   web       key:Ab3...                          check list
 *   web       key-sha256:9f86d0...                check list          # echo -n KEY | sha256sum
 *   batch     cert-uri:spiffe://prod/batch        read:01J...:document
 *   gateway   cert-dns:gateway.internal           check               # also cert-cn:NAME, cert-sha256:FINGERPRINT
 *   ci        token:ci@clients                    model write         # of --oidc-issuer
 *
 * It is text only: who looks a credential up is in gate.ts, certificate.ts and token.ts. Faults name the line, never
 * what is on it.
 */
import { hash } from 'node:crypto'
import { Scopes } from './scopes.ts'

const credentialForms = [
  'key',
  'key-sha256',
  'cert-uri',
  'cert-dns',
  'cert-cn',
  'cert-sha256',
  'token',
] as const
type Form = (typeof credentialForms)[number]

export interface Entry {
  readonly name: string
  /** As it is compared: of keys and fingerprints lower-case hex of SHA-256. */
  readonly value: string
  readonly scopes: Scopes
}

export interface CertificateEntry extends Entry {
  readonly by: 'uri' | 'dns' | 'cn' | 'sha256'
}

export interface Roll {
  readonly keys: readonly Entry[]
  readonly certificates: readonly CertificateEntry[]
  readonly subjects: readonly Entry[]
}

/** @throws Error with the number of the line and the fix */
export function parseRoll(text: string): Roll {
  const roll = { keys: [] as Entry[], certificates: [] as CertificateEntry[], subjects: [] as Entry[] }
  const seen = new Set<string>()
  for (const [index, line] of text.split('\n').entries()) {
    const [said = ''] = line.trim().split(/(?:^|\s+)#/)
    if (said === '') continue
    const words = said.split(/\s+/)
    const fail = (why: string) => new Error(`line ${index + 1}: ${why}`)
    const [name = '', credential = '', ...scopes] = words
    if (!namePattern.test(name)) throw fail('it begins with a name of letters, digits, `.`, `_` or `-`')
    const form = credentialForms.find((each) => credential.startsWith(`${each}:`))
    if (form === undefined) throw fail(`after the name comes ${credentialForms.join(':, ')}: and a value`)
    const value = credentialIn(form, credential.slice(form.length + 1))
    if (value instanceof Error) throw fail(value.message)
    if (scopes.length === 0) throw fail('no scopes follow the credential, so it could do nothing')
    const key = `${form === 'key-sha256' ? 'key' : form} ${value}`
    if (seen.has(key)) throw fail('the credential is on an earlier line too: give it all its scopes on one')
    seen.add(key)
    enter(roll, form, { name, value, scopes: scopesOf(scopes, fail) })
  }
  return roll
}

/** Not like the ids of stored keys: callers are told apart by these. */
const namePattern = /^(?![0-9A-HJKMNP-TV-Z]{26}$)[\w.-]{1,64}$/
/** As the header can carry it, and long enough not to be guessed. */
const keyPattern = /^[A-Za-z0-9\-._~+/]{32,}=*$/

/** A secret as it is compared and kept. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

function credentialIn(form: Form, text: string): string | Error {
  if (form === 'key') {
    if (text.startsWith('kith_'))
      return new Error('keys that begin with kith_ are in the data folder: `kith keys`')
    return keyPattern.test(text)
      ? digestOf(text)
      : new Error('the key is not 32 or more of A-Z a-z 0-9 - . _ ~ + /')
  }
  if (form === 'key-sha256' || form === 'cert-sha256') {
    const hex = text.replaceAll(':', '').toLowerCase()
    return /^[0-9a-f]{64}$/.test(hex) ? hex : new Error(`${form}: takes 64 hexadecimal digits`)
  }
  if (text === '') return new Error(`${form}: takes a value`)
  return form === 'cert-dns' ? text.toLowerCase() : text
}

function scopesOf(words: readonly string[], fail: (why: string) => Error): Scopes {
  try {
    return Scopes.of(words)
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error))
  }
}

function enter(
  roll: { keys: Entry[]; certificates: CertificateEntry[]; subjects: Entry[] },
  form: Form,
  entry: Entry,
): void {
  if (form === 'key' || form === 'key-sha256') roll.keys.push(entry)
  else if (form === 'token') roll.subjects.push(entry)
  else roll.certificates.push({ ...entry, by: certificateForms[form] })
}

const certificateForms = {
  'cert-uri': 'uri',
  'cert-dns': 'dns',
  'cert-cn': 'cn',
  'cert-sha256': 'sha256',
} as const
