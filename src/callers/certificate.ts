/**
 * Client certificates: what a TLS connection shows, and whose the roll says it is. Whether a certificate is genuine is
 * decided by TLS against --tls-client-ca before; one that is not does not exist here.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Known } from './gate.ts'
import type { CertificateEntry } from './roll.ts'

export interface Certificate {
  /** SHA-256 of all of it, lower-case hex. */
  readonly fingerprint: string
  readonly commonName: string | undefined
  /** SPIFFE ids, say. */
  readonly uris: readonly string[]
  readonly dnsNames: readonly string[]
  /** Milliseconds since the epoch. */
  readonly validTo: number
}

/** Read once a connection. */
const known = new WeakMap<Socket, Certificate>()

/** What a connection showed and TLS believed; undefined: nothing. */
export function certificateOf(socket: Socket | undefined): Certificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = known.get(socket) ?? read(socket)
  if (certificate !== undefined) known.set(socket, certificate)
  return certificate
}

function read(socket: TLSSocket): Certificate | undefined {
  const { fingerprint256, subject, subjectaltname, valid_to: validTo } = socket.getPeerCertificate()
  if (typeof fingerprint256 !== 'string') return undefined
  const commonName: unknown = subject?.CN
  const names = namesIn(subjectaltname ?? '')
  return {
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    commonName: typeof commonName === 'string' ? commonName : undefined,
    uris: names.flatMap(([kind, name]) => (kind === 'URI' ? [name] : [])),
    dnsNames: names.flatMap(([kind, name]) => (kind === 'DNS' ? [name.toLowerCase()] : [])),
    validTo: Date.parse(validTo),
  }
}

/**
 * `DNS:a, URI:b` as Node prints it. It quotes a name that could be read as two; names like that are nobody's, and so is
 * everything that stands with one.
 */
export function namesIn(alternatives: string): readonly (readonly [kind: string, name: string])[] {
  if (alternatives === '' || alternatives.includes('"')) return []
  return alternatives.split(', ').map((part) => {
    const colon = part.indexOf(':')
    return [part.slice(0, colon), part.slice(colon + 1)]
  })
}

/** The first line that names it decides, the strongest kind first: they are not added up. */
export class Certificates {
  readonly #entries: readonly CertificateEntry[]

  constructor(entries: readonly CertificateEntry[]) {
    this.#entries = entries
  }

  find(certificate: Certificate): Known | undefined {
    for (const by of ['sha256', 'uri', 'dns', 'cn'] as const) {
      const names = namesOf(certificate, by)
      const entry = this.#entries.find((each) => each.by === by && names.includes(each.value))
      if (entry === undefined) continue
      const { name, scopes } = entry
      return {
        caller: { id: `certificate:${name}`, kind: 'certificate', scopes },
        until: certificate.validTo,
      }
    }
    return undefined
  }
}

function namesOf(certificate: Certificate, by: CertificateEntry['by']): readonly string[] {
  switch (by) {
    case 'sha256':
      return [certificate.fingerprint]
    case 'uri':
      return certificate.uris
    case 'dns':
      return certificate.dnsNames
    case 'cn':
      return certificate.commonName === undefined ? [] : [certificate.commonName]
  }
}
