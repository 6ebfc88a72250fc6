/** What every command that talks to a sidecar shares: where it is, which store and model, and how to print. */
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { JsonObject } from '../lib/json.ts'
import { listIn } from './answer.ts'
import { Client, type ClientTls } from './client.ts'
import { Failure } from './failure.ts'
import { parseContext, parseTupleText } from './tuple-text.ts'

/** Options may stand before or after the command's name; the nearer one wins, then the environment. */
export function withConnection(command: Command): Command {
  return command
    .option(
      '--url <url>',
      'where Kith listens: http://HOST:PORT or unix:PATH (KITH_URL; default where KITH_LISTEN says, else http://127.0.0.1:8080)',
    )
    .option('--ca <file>', 'authorities to trust in place of the public ones, PEM (KITH_CA)')
    .option('--cert <file>', 'client certificate, PEM (KITH_CERT), with --key (KITH_KEY)')
    .option('--key <file>', 'its private key, PEM')
    .option('--token-file <path>', 'file that holds the key or token to show (KITH_TOKEN_FILE)')
    .option('--token <secret>', 'the same, where everybody on this machine can see it; better KITH_TOKEN')
    .option('--timeout <seconds>', 'give up after this long without an answer (KITH_TIMEOUT; default 30)')
    .option('--json', 'print JSON, for programs')
}

export function withStore(command: Command): Command {
  return withConnection(command).option(
    '-s, --store <store>',
    'id or name of the store (KITH_STORE; may be left out when there is only one)',
  )
}

/** The options of every question. */
export function withQuestion(command: Command): Command {
  return withStore(command)
    .option('-m, --model <id>', 'model to use (KITH_MODEL; default the latest)')
    .option('-c, --context <json>', 'context for conditions, as a JSON object')
    .option('-t, --contextual <tuple...>', 'tuples that hold for this question only')
    .option('--consistent', 'bypass caches (HIGHER_CONSISTENCY)')
}

export class Session {
  readonly client: Client
  readonly json: boolean
  readonly model: string | undefined
  readonly #options: Readonly<Record<string, unknown>>

  /** A `probe` without --url asks this machine's own sidecar, on the operators' address where there is one. */
  constructor(command: Command, { probe = false } = {}) {
    this.#options = optionsOf(command)
    const url = this.#text('url')
    const own = (probe ? process.env.KITH_OPS_LISTEN : undefined) || process.env.KITH_LISTEN
    const unverified = probe && url === undefined
    this.client = new Client({
      url: url ?? listening(own),
      // A name that a certificate has is rarely the one of this machine's loopback; nobody there is told a secret.
      token: unverified ? undefined : (this.#text('token') ?? this.#tokenIn(this.#text('token-file'))),
      tls: { ...this.#tls(), ...(unverified && { rejectUnauthorized: false }) },
      timeoutMs: secondsOf(this.#text('timeout') ?? '30') * 1000,
    })
    this.json = this.#options.json === true
    this.model = this.#text('model')
  }

  /** The id of the store that --store names; of the only one there is without it. */
  async store(): Promise<string> {
    const given = this.#text('store')
    if (given !== undefined && storeId.test(given)) return given
    const answer = await this.client.get('/stores', { name: given, page_size: '2' })
    const [only, ...more] = listIn<{ readonly id: string }>(answer, 'stores')
    if (only !== undefined && more.length === 0) return only.id
    if (given === undefined) {
      throw new Failure(
        only === undefined
          ? 'there are no stores yet; make one with `kith store create NAME`'
          : 'there are several stores; say which with --store (see `kith store list`)',
      )
    }
    throw new Failure(
      only === undefined
        ? `no store is called \`${given}\` (see \`kith store list\`)`
        : `several stores are called \`${given}\`; give its id (see \`kith store list\`)`,
    )
  }

  /** `/stores/ID` of the chosen store. */
  async path(rest: string): Promise<string> {
    return `/stores/${await this.store()}${rest}`
  }

  /** What every question's body carries besides the question. */
  question(): JsonObject {
    const context = this.#options.context
    return {
      ...(this.model === undefined ? {} : { authorization_model_id: this.model }),
      ...(typeof context === 'string' ? { context: parseContext(context) } : {}),
      ...(this.#options.consistent === true ? { consistency: 'HIGHER_CONSISTENCY' } : {}),
    }
  }

  contextual(): readonly JsonObject[] {
    const given = this.#options.contextual
    return Array.isArray(given) ? given.map((text) => ({ ...parseTupleText(String(text)) })) : []
  }

  #tokenIn(path: string | undefined): string | undefined {
    if (path === undefined) return undefined
    try {
      return readFileSync(path, 'utf8').trim()
    } catch (error) {
      throw new Failure(`the file of --token-file, \`${path}\`, cannot be read`, { cause: error })
    }
  }

  #tls(): ClientTls {
    const file = (name: string) => {
      const path = this.#text(name)
      if (path === undefined) return {}
      try {
        return { [name]: readFileSync(path) }
      } catch (error) {
        throw new Failure(`--${name}: ${path} cannot be read`, { cause: error })
      }
    }
    return { ...file('ca'), ...file('cert'), ...file('key') }
  }

  #text(name: string): string | undefined {
    const option = new Option(`--${name}`).attributeName()
    const given = this.#options[option] ?? process.env[`KITH_${name.toUpperCase().replace('-', '_')}`]
    return typeof given === 'string' && given !== '' ? given : undefined
  }
}

/** Where a sidecar with this KITH_LISTEN is reached from its own machine: inside its container, say. */
function listening(address: string | undefined): string {
  if (address === undefined || address === '') return listening('127.0.0.1:8080')
  if (address.startsWith('unix:')) return address
  const scheme = (process.env.KITH_TLS_CERT ?? '') === '' ? 'http' : 'https'
  return `${scheme}://${address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}`
}

/** As the API gives them out. */
const storeId = /^[0-9A-HJKMNP-TV-Z]{26}$/

function optionsOf(command: Command): Readonly<Record<string, unknown>> {
  const above = command.parent === null ? {} : optionsOf(command.parent)
  return { ...above, ...command.opts() }
}

function secondsOf(text: string): number {
  const seconds = Number(text)
  if (seconds > 0 && Number.isFinite(seconds)) return seconds
  throw new Failure(`--timeout must be a number of seconds above 0, not \`${text}\``)
}
