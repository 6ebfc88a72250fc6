/** How a command ends badly: one line for people and an exit code. Not a Fault: those are what Kith answers. */

/** What every command ends with; the help of `kith` prints this table. */
export const exitCodes = { ok: 0, no: 1, failed: 2 } as const

/** Something the person at the keyboard can put right; printed without a stack. */
export class Failure extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'Failure'
  }
}

/** A refusal that came back over HTTP. */
export class Refusal extends Failure {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(`${code}: ${message} (HTTP ${status})`)
    this.name = 'Refusal'
    this.status = status
    this.code = code
  }
}
