/** One option of the command line and the environment: how it is spelled, and what its text means. Not which there are: config.ts. */
import { type LogLevel, logLevels } from './log.ts'

/** Where the sidecar can be reached: a TCP port or a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string }

export type OptionValue = string | number | boolean | readonly string[] | Address | LogLevel | undefined

export interface Option<Field extends string = string> {
  /** As a flag, without the dashes. */
  readonly name: string
  readonly variable: `KITH_${string}`
  readonly field: Field
  /** A word, an address and a file may be absent where the default is; a `mode` is octal, of a file. */
  readonly kind:
    | 'text'
    | 'word'
    | 'words'
    | 'file'
    | 'address'
    | 'switch'
    | 'files'
    | 'count'
    | 'choice'
    | 'some'
    | 'mode'
    | 'level'
  /** As it would be typed. */
  readonly default: string
  /** Where memory is limited, the default is no more than this part of it. */
  readonly memoryShare?: number
  readonly unit?: string
  /** The least and greatest that can be meant; for counts. */
  readonly range?: readonly [number, number]
  /** Of which one, or some, can be chosen. */
  readonly choices?: readonly string[]
  readonly help: string
}

/** A value that cannot be used: which option, what was given, what to give. */
export class ConfigError extends Error {
  constructor(option: Pick<Option, 'name' | 'variable'>, given: string, fix: string) {
    super(`--${option.name} (${option.variable}): \`${given}\` cannot be used: ${fix}`)
    this.name = 'ConfigError'
  }
}

/** @throws ConfigError */
export function parseOption(option: Option, text: string): OptionValue {
  switch (option.kind) {
    case 'text':
      if (text === '') throw new ConfigError(option, text, 'give a path')
      return text
    case 'word':
    case 'file':
      return text === '' ? undefined : text
    case 'address':
      return text === '' && option.default === '' ? undefined : addressOf(option, text)
    case 'switch':
      if (text === 'true' || text === '1') return true
      if (text === 'false' || text === '0') return false
      throw new ConfigError(option, text, 'give true or false')
    case 'words':
    case 'files':
      return Object.freeze(text.split(',').flatMap((file) => (file.trim() === '' ? [] : [file.trim()])))
    case 'count':
      return countOf(option, text)
    case 'choice':
      return oneOf(option, text, option.choices ?? [])
    case 'some':
      return someOf(option, text, option.choices ?? [])
    case 'mode':
      if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8)
      throw new ConfigError(option, text, 'give three octal digits such as 660')
    case 'level':
      return oneOf(option, text, logLevels)
  }
}

function countOf(option: Option, text: string): number {
  const [least, greatest] = option.range ?? [0, Number.MAX_SAFE_INTEGER]
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (count >= least && count <= greatest) return count
  throw new ConfigError(option, text, `give a whole number of ${option.unit} from ${least} to ${greatest}`)
}

function oneOf(option: Option, text: string, known: readonly string[]): string {
  if (known.includes(text)) return text
  throw new ConfigError(option, text, `give one of ${known.join(', ')}`)
}

function someOf(option: Option, text: string, known: readonly string[]): readonly string[] {
  const words = text.split(',').map((word) => word.trim())
  if (words.length === 1 && words[0] === 'none') return Object.freeze([])
  const given = known.filter((word) => words.includes(word))
  if (given.length === words.length) return Object.freeze(given)
  throw new ConfigError(option, text, `give none, or any of ${known.join(', ')}, each once`)
}

function addressOf(option: Option, text: string): Address {
  const fix = 'give HOST:PORT such as 127.0.0.1:8080, [::1]:8080 for IPv6, or unix:PATH'
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    if (path === '') throw new ConfigError(option, text, fix)
    return Object.freeze({ path })
  }
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || !(port <= 65_535)) throw new ConfigError(option, text, fix)
  return Object.freeze({ host, port })
}
