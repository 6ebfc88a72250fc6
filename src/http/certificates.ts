/**
 * The certificate that servers show and the authorities whose clients they take: read from files, and again when these
 * change, without a restart. What cannot be used is reported, and the last that could stays. No server itself.
 */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Log } from '../lib/log.ts'

export interface CertificateFiles {
  /** PEM: the leaf first, then what leads to the authority. */
  readonly cert: string
  readonly key: string
  /** PEM; absent: clients are not asked for certificates. */
  readonly clientCa?: string | undefined
}

/** What a TLS server is given, at the start and again. */
export interface Credentials {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca: Buffer | undefined
  readonly minVersion: 'TLSv1.2'
}

/** Milliseconds between two looks. Files are read, not watched: mounted secrets are swapped by links that tell no watcher. */
const lookMs = 10_000

export class Certificates {
  readonly #files: CertificateFiles
  readonly #log: Log
  readonly #followers = new Set<(credentials: Credentials) => void>()
  readonly #timer: NodeJS.Timeout
  #current: Credentials
  /** What was read last, usable or not: the same trouble is told once. */
  #read: Credentials
  #looking: Promise<void> | undefined

  private constructor(files: CertificateFiles, log: Log, first: Credentials) {
    this.#files = files
    this.#log = log
    this.#current = first
    this.#read = first
    this.#tell('serving with a certificate')
    this.#timer = setInterval(() => void this.reload(), lookMs).unref()
  }

  /** @throws Error naming the file and what is wrong with it */
  static async open(files: CertificateFiles, log: Log): Promise<Certificates> {
    const first = await read(files)
    demandUsable(first, files)
    return new Certificates(files, log, first)
  }

  get current(): Credentials {
    return this.#current
  }

  get asksClients(): boolean {
    return this.#files.clientCa !== undefined
  }

  /** Is told of every change; the answer ends that. */
  follow(take: (credentials: Credentials) => void): () => void {
    this.#followers.add(take)
    return () => this.#followers.delete(take)
  }

  /** Looks now. Never rejects: what is wrong is logged, and nothing changes. */
  reload(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    try {
      const found = await read(this.#files)
      if (isSame(found, this.#read)) return
      this.#read = found
      demandUsable(found, this.#files)
      this.#current = found
      for (const take of this.#followers) take(found)
      this.#tell('the certificate was replaced')
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      this.#log('error', 'the certificate cannot be replaced; the last one stays', { reason })
    }
  }

  #tell(message: string): void {
    const { subject, validTo, fingerprint256 } = new X509Certificate(this.#current.cert)
    const isOver = Date.parse(validTo) < Date.now()
    const fields = { subject: subject ?? '', until: validTo, fingerprint: fingerprint256 }
    this.#log(isOver ? 'error' : 'info', isOver ? `${message} that has expired` : message, fields)
  }
}

async function read({ cert, key, clientCa }: CertificateFiles): Promise<Credentials> {
  const [certBytes, keyBytes, ca] = await Promise.all([
    readFile(cert),
    readFile(key),
    clientCa === undefined ? undefined : readFile(clientCa),
  ])
  return { cert: certBytes, key: keyBytes, ca, minVersion: 'TLSv1.2' }
}

function isSame(one: Credentials, other: Credentials): boolean {
  const sameCa =
    one.ca === undefined || other.ca === undefined ? one.ca === other.ca : one.ca.equals(other.ca)
  return one.cert.equals(other.cert) && one.key.equals(other.key) && sameCa
}

/** @throws Error naming the file and what is wrong with it */
function demandUsable(credentials: Credentials, files: CertificateFiles): void {
  const { cert, key, ca, minVersion } = credentials
  naming(files.cert, () => new X509Certificate(cert))
  // OpenSSL passes over authorities that it cannot read, and would then take nobody.
  if (ca !== undefined) naming(files.clientCa ?? '', () => new X509Certificate(ca))
  naming(files.key, () => createSecureContext({ cert, key, ca, minVersion }))
}

function naming(file: string, use: () => unknown): void {
  try {
    use()
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new Error(`${file} cannot be used for TLS: ${reason}`, { cause: thrown })
  }
}
