/**
 * Logs, as whoever writes one sees them. Never tuples, contexts, credentials or bodies: those who read logs may not
 * read these. The one exception is a wrong answer of Kith's own, which nobody could look into without (sidecar.ts).
 * Where the lines go is log-lines.ts, kept apart because every command reads this file and few of them log.
 */
export const logLevels = ['silent', 'error', 'warn', 'info'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Log {
  (
    level: Exclude<LogLevel, 'silent'>,
    message: string,
    fields?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
  ): void
  /** Resolves when what was logged has left the process, or cannot: a reader that sleeps holds nobody up. */
  flush?(): Promise<void>
}
