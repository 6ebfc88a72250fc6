/** Tokens as the options say; a file of its own, so that only who asks for tokens loads what verifies them. */
import type { SteadyClock } from '../lib/clock.ts'
import { KeySet, keySetLoader } from './key-set.ts'
import type { Roll } from './roll.ts'
import type { Oidc } from './settings.ts'
import { Tokens } from './token.ts'

/**
 * What makes the tokens of a roll; the issuer's keys they share. A file of keys is read now, so that a wrong one is
 * known at once; an issuer may come up after us. @throws Error naming the option
 */
export async function openTokens(
  oidc: Oidc,
  clock: SteadyClock,
  onKeySetFailure: ((problem: Error) => void) | undefined,
): Promise<(roll: Roll) => Tokens> {
  const load = keySetLoader(oidc.jwks)
  if (!/^https?:/.test(oidc.jwks)) {
    const named = `--oidc-jwks (KITH_OIDC_JWKS) \`${oidc.jwks}\``
    const { keys } = await load().catch((error: unknown) => {
      throw new Error(`${named} cannot be read as a key set`, { cause: error })
    })
    if (!Array.isArray(keys)) throw new Error(`${named} is no key set: it has no \`keys\``)
  }
  const keySet = new KeySet(load, clock, onKeySetFailure)
  return ({ subjects }) => {
    const grants = new Map(subjects.map(({ value, scopes }) => [value, scopes.words]))
    return new Tokens({ ...oidc, grants }, keySet.find, clock)
  }
}
