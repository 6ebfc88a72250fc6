/**
 * A log of one JSON object a line, made by pino: what looks like a credential is struck out, and a reader that does not
 * keep up loses lines where process.stderr would stop the process. It decides nothing about what is worth logging.
 */
import { setTimeout } from 'node:timers/promises'
import pino from 'pino'
import type { Log, LogLevel } from './log.ts'

/** Characters that may wait for a slow reader; past them lines are dropped. */
const waitingMax = 1 << 20
/** Milliseconds a flush waits for a reader. */
const flushMs = 1_000

/** Lines on standard error, written beside the event loop; at exit, and when the process dies, what waits is written. */
export function logToStderr(least: LogLevel): Log {
  // The least length of a write: 0 would make its flush answer before it has.
  const destination = pino.destination({ fd: 2, sync: false, minLength: 1, maxLength: waitingMax })
  // A full disk or a reader that left must not end an authorization service.
  destination.on('error', () => {})
  const log = logTo(destination, least)
  const flush = () =>
    Promise.race([
      new Promise<void>((resolve) => destination.flush(() => resolve())),
      setTimeout(flushMs, undefined, { ref: false }),
    ])
  return Object.assign(log, { flush })
}

/** Drops what is less grave than `least`. `write` takes one line with its end. */
export function logTo(
  destination: { write(line: string): void },
  least: LogLevel,
  now: () => number = Date.now,
): Log {
  const logger = pino(
    {
      level: least,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  )
  return (level, message, fields = {}) => logger[level](redacted(fields), withoutSecrets(message))
}

/** What a line says by itself; a field of that name would pass for it. */
const own = new Set(['level', 'time', 'message'])
const secretName = /authorization|cookie|token|secret|passw|credential|(?:api|private|signing)[-_]?key/i
/** Kith's own keys (their ids begin with a digit, names of options do not), bearer and basic credentials, signed tokens, private keys (a cut one too), user and password of a URL. */
const secretText =
  /\bkith_\d\w{9,}[\w-]*|\b(?:bearer|basic)\s+[^\s"',]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|(?<=:\/\/)[^\s/@]+(?=@)/gi
const struck = '[redacted]'

function redacted(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(fields).filter(([name]) => !own.has(name))
  return Object.fromEntries(
    kept.map(([name, value]) => [name, secretName.test(name) ? struck : valueWithoutSecrets(value)]),
  )
}

function valueWithoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(valueWithoutSecrets)
  return typeof value === 'string' ? withoutSecrets(value) : value
}

function withoutSecrets(text: string): string {
  return text.replace(secretText, struck)
}
