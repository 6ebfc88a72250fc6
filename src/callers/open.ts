/**
 * Opens the gate as the options say, or refuses to with the option and the fix (settings.ts). What is stored and what
 * stands on the roll is read once; what changes later, the gate is told.
 */

import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { SteadyClock } from '../lib/clock.ts'
import { Certificates } from './certificate.ts'
import { FixedKeys } from './fixed-keys.ts'
import { Gate, type Kinds } from './gate.ts'
import { type KeyEvent, KeyRing, type Shelf } from './keys.ts'
import { parseRoll, type Roll } from './roll.ts'
import { type CallerSettings, demandAsked, demandRoll, demandWhole } from './settings.ts'

export interface Callers {
  readonly gate: Gate
  /** There whether keys are asked for or not: they are made before they are. */
  readonly keys: KeyRing
  /** Reads the file of the roll again, now. */
  reload(): Promise<void>
  /** Stops looking at the file of the roll. */
  close(): void
}

export interface CallerHooks {
  /** A key was made, rotated or revoked. */
  readonly onKey?: (event: KeyEvent) => void
  /** The roll was read again; with what is wrong with it, and then the one before holds. */
  readonly onRoll?: (problem: Error | undefined) => void
  /** The keys of the token issuer could not be read; those of before are believed for an hour. */
  readonly onKeySetFailure?: (problem: Error) => void
}

/** How often the file of the roll is looked at, milliseconds. */
const lookEveryMs = 2_000

/** @throws Error naming the option and the fix */
export async function openCallers(
  settings: CallerSettings,
  shelf: Shelf,
  { onKey, onRoll, onKeySetFailure }: CallerHooks = {},
): Promise<Callers> {
  const clock = new SteadyClock()
  const oidc = demandWhole(settings)
  const keys = await KeyRing.open(shelf, clock)
  const { auth, callersFile } = settings
  const first = await readRoll(callersFile)
  demandRoll(settings, first, keys.size)
  /** INVARIANT: who was taken off is off, also the last of a kind: a start may be refused for want of callers, an end may not. */
  const readAgain = async (): Promise<Roll> => {
    const roll = await readRoll(callersFile)
    demandAsked(settings, roll)
    return roll
  }
  const tokensOf =
    oidc &&
    (await import('./open-tokens.ts').then(({ openTokens }) => openTokens(oidc, clock, onKeySetFailure)))
  const kindsOf = (roll: Roll): Kinds => ({
    bearers: [
      ...(auth.includes('keys') ? [keys] : []),
      ...(tokensOf === undefined ? [] : [tokensOf(roll)]),
      ...(auth.includes('keys') ? [new FixedKeys(roll.keys)] : []),
    ],
    certificates: auth.includes('certificates') ? new Certificates(roll.certificates) : undefined,
  })
  const gate = new Gate(kindsOf(first), clock)
  keys.onEvent = (event) => {
    gate.forget()
    onKey?.(event)
  }
  const follower = new Follower(callersFile, async () => gate.know(kindsOf(await readAgain())), onRoll)
  return { gate, keys, reload: () => follower.look(), close: () => follower.close() }
}

/**
 * A file that cannot be used leaves the one before in force: half of an edit must not lock everybody out, or in. One
 * without a byte is such a half: whoever means nobody writes a comment.
 */
class Follower {
  readonly #path: string | undefined
  readonly #read: () => Promise<void>
  readonly #tell: CallerHooks['onRoll']
  /** One reading after the other: an earlier one never wins over a later. */
  #last: Promise<void> = Promise.resolve()

  constructor(path: string | undefined, read: () => Promise<void>, tell: CallerHooks['onRoll']) {
    this.#path = path
    this.#read = read
    this.#tell = tell
    if (path !== undefined) watchFile(path, { interval: lookEveryMs, persistent: false }, this.look)
  }

  readonly look = (): Promise<void> => {
    if (this.#path === undefined) return this.#last
    this.#last = this.#last.then(this.#read).then(
      () => this.#tell?.(undefined),
      (error: unknown) => this.#tell?.(error instanceof Error ? error : new Error(String(error))),
    )
    return this.#last
  }

  close(): void {
    if (this.#path !== undefined) unwatchFile(this.#path, this.look)
  }
}

async function readRoll(path: string | undefined): Promise<Roll> {
  if (path === undefined) return { keys: [], certificates: [], subjects: [] }
  try {
    const text = await readFile(path, 'utf8')
    if (text.trim() === '') throw new Error('it is empty: for nobody at all, leave a comment in it')
    return parseRoll(text)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new Error(`--callers-file (KITH_CALLERS_FILE) ${path}: ${said}`, { cause: error })
  }
}
