/**
 * Opens the gate as the options say, or refuses to with the option and the fix: an authentication that is half there
 * would be none. It reads what is stored once; what changes later, the parts tell the gate.
 */
import { SteadyClock } from '../lib/clock.ts'
import { Gate } from './gate.ts'
import { type KeyEvent, KeyRing, type Shelf } from './keys.ts'

/** Kinds of credentials that can be turned on. */
type CredentialKind = 'keys'

export interface CallerSettings {
  readonly auth: readonly CredentialKind[]
  /** Whether what is open to everybody was meant so. */
  readonly insecure: boolean
}

export interface Callers {
  readonly gate: Gate
  /** There whether keys are asked for or not: they are made before they are. */
  readonly keys: KeyRing
}

export interface CallerHooks {
  /** A key was made, rotated or revoked. */
  readonly onKey?: (event: KeyEvent) => void
}

/** @throws Error naming the option and the fix */
export async function openCallers(
  settings: CallerSettings,
  shelf: Shelf,
  { onKey }: CallerHooks = {},
): Promise<Callers> {
  const clock = new SteadyClock()
  const keys = await KeyRing.open(shelf, clock)
  demandWhole(settings, keys)
  const gate = new Gate(settings.auth.includes('keys') ? [keys] : [], clock)
  keys.onEvent = (event) => {
    gate.forget()
    onKey?.(event)
  }
  return { gate, keys }
}

function demandWhole({ auth, insecure }: CallerSettings, keys: KeyRing): void {
  if (auth.length === 0 && keys.size > 0 && !insecure) {
    throw new Error(
      `the data folder holds ${keys.size} keys, but --auth is none, so nobody has to show one: ` +
        'give --auth keys (KITH_AUTH=keys), or spell out --insecure',
    )
  }
  if (auth.length === 1 && auth.includes('keys') && keys.size === 0) {
    throw new Error(
      '--auth keys (KITH_AUTH): there is no key yet, so nobody could ask anything: ' +
        'make the first with `kith keys create admin --scope "*" --data DIR`',
    )
  }
}
