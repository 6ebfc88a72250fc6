/**
 * Logs: one JSON object a line. Never tuples, contexts, credentials or bodies: those who read logs may not read these.
 * The one exception is a wrong answer of Kith's own, which nobody could look into without (sidecar.ts).
 */
export const logLevels = ['silent', 'error', 'warn', 'info'] as const
export type LogLevel = (typeof logLevels)[number]

export type Log = (
  level: Exclude<LogLevel, 'silent'>,
  message: string,
  fields?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
) => void

/** Drops what is less grave than `least`. `write` takes one line without its end. */
export function logTo(write: (line: string) => void, least: LogLevel, now: () => number = Date.now): Log {
  const threshold = logLevels.indexOf(least)
  return (level, message, fields) => {
    if (logLevels.indexOf(level) > threshold) return
    const said = { time: new Date(now()).toISOString(), level, message }
    write(JSON.stringify({ ...said, ...fields, ...said }))
  }
}
