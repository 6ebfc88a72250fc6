/** What the options say of callers, and that they say all of it: half of an authentication is none, so it is refused. */
import type { Roll } from './roll.ts'

/** Kinds of credentials that can be turned on. */
type CredentialKind = 'keys' | 'oidc' | 'certificates'

export interface CallerOptions {
  /** The kinds of credentials that callers show; none: nobody has to. */
  readonly auth: readonly CredentialKind[]
  readonly callersFile: string | undefined
  readonly oidcIssuer: string | undefined
  readonly oidcAudience: string | undefined
  readonly oidcAlgorithms: readonly string[]
  readonly oidcJwks: string | undefined
  readonly oidcSkewMs: number
  readonly oidcScopeClaim: string | undefined
  readonly oidcAdminWord: string | undefined
  readonly oidcActorClaim: string | undefined
}

export interface CallerSettings extends CallerOptions {
  /** Whether what is open to everybody was meant so. */
  readonly insecure: boolean
  /** By whom certificates are verified. */
  readonly tlsClientCa: string | undefined
}

export interface Oidc {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
  /** A URL or a path. */
  readonly jwks: string
  readonly skewMs: number
  readonly scopeClaim: string
  readonly adminWord: string | undefined
  readonly actorClaim: string | undefined
}

/** Algorithms with a public key to verify by: a shared secret would let every verifier sign. */
const tokenAlgorithms: readonly string[] = Object.freeze([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
])

/** What is needed to verify tokens, where they are asked for. @throws Error naming the option and the fix */
export function demandWhole(settings: CallerSettings): Oidc | undefined {
  const { auth, oidcIssuer, oidcAudience, oidcAlgorithms, oidcJwks } = settings
  const given = { issuer: oidcIssuer, audience: oidcAudience, algorithms: oidcAlgorithms[0], jwks: oidcJwks }
  if (auth.includes('certificates') && settings.tlsClientCa === undefined) {
    throw new Error(
      '--auth certificates (KITH_AUTH): no authority to verify them by is named: give --tls-client-ca (KITH_TLS_CLIENT_CA)',
    )
  }
  if (auth.length === 0 && settings.callersFile !== undefined) throw unused('callers-file')
  if (!auth.includes('oidc')) {
    const { oidcAdminWord, oidcActorClaim } = settings
    const asked = { ...given, 'admin-word': oidcAdminWord, 'actor-claim': oidcActorClaim }
    for (const [name, value] of Object.entries(asked)) if (value !== undefined) throw unused(`oidc-${name}`)
    return undefined
  }
  for (const [name, value] of Object.entries(given)) if (value === undefined) throw missing(name)
  const unknown = oidcAlgorithms.find((algorithm) => !tokenAlgorithms.includes(algorithm))
  if (unknown !== undefined) {
    throw new Error(
      `--oidc-algorithms (KITH_OIDC_ALGORITHMS): \`${unknown}\` is not verified by a public key: give any of ${tokenAlgorithms.join(', ')}`,
    )
  }
  return {
    issuer: oidcIssuer ?? '',
    audience: oidcAudience ?? '',
    algorithms: oidcAlgorithms,
    jwks: safeSource(oidcJwks ?? ''),
    skewMs: settings.oidcSkewMs,
    scopeClaim: settings.oidcScopeClaim ?? 'scope',
    adminWord: settings.oidcAdminWord,
    actorClaim: settings.oidcActorClaim,
  }
}

/** What is there to be asked for: somebody must be able to come in, and nobody is named for nothing. @throws Error */
export function demandRoll(settings: CallerSettings, roll: Roll, keyCount: number): void {
  const { auth, insecure } = settings
  demandAsked(settings, roll)
  if (auth.length === 0 && keyCount > 0 && !insecure) {
    throw new Error(
      `the data folder holds keys (${keyCount}), but --auth is none, so nobody has to show one: ` +
        'give --auth keys (KITH_AUTH=keys), or spell out --insecure',
    )
  }
  if (auth.includes('certificates') && roll.certificates.length === 0) {
    throw new Error(
      '--auth certificates (KITH_AUTH): none is named, so they would open nothing: give --callers-file (KITH_CALLERS_FILE) with cert- lines',
    )
  }
  if (auth.length === 1 && auth.includes('keys') && keyCount + roll.keys.length === 0) {
    throw new Error(
      '--auth keys (KITH_AUTH): there is no key yet, so nobody could ask anything: make the first with ' +
        '`kith keys create admin --scope "*" --data DIR`, or give --callers-file (KITH_CALLERS_FILE)',
    )
  }
}

/** What holds for every reading of the roll. @throws Error: a credential of a kind that is not turned on */
export function demandAsked({ auth }: Pick<CallerSettings, 'auth'>, roll: Roll): void {
  const asked = { keys: roll.keys, oidc: roll.subjects, certificates: roll.certificates }
  for (const kind of ['keys', 'oidc', 'certificates'] as const) {
    const [first] = asked[kind]
    if (first === undefined || auth.includes(kind)) continue
    throw new Error(
      `--callers-file (KITH_CALLERS_FILE): \`${first.name}\` has a credential that --auth does not ask for: add ${kind} to it`,
    )
  }
}

/** Keys that travel in the clear could be anybody's. A URL is never shown whole: a password may be in it. */
function safeSource(jwks: string): string {
  if (!/^https?:/.test(jwks)) return jwks
  const refuse = (why: string) => new Error(`--oidc-jwks (KITH_OIDC_JWKS): ${why}`)
  if (!URL.canParse(jwks)) throw refuse('it is no URL: give an https URL, or a file')
  const { protocol, hostname, origin, username, password } = new URL(jwks)
  if (username + password !== '') {
    throw refuse(`no user and no password is sent to ${origin}: give the URL without, or a file`)
  }
  if (protocol === 'https:' || /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname)) return jwks
  throw refuse(`\`${origin}\` is not of this machine: give its https URL, or a file`)
}

function unused(name: string): Error {
  const kind = name.startsWith('oidc') ? 'oidc' : 'keys'
  return new Error(
    `--${name} (${variableOf(name)}) is set, but --auth does not ask for ${kind}: add ${kind} to it (KITH_AUTH)`,
  )
}

function missing(name: string): Error {
  return new Error(
    `--auth oidc (KITH_AUTH) needs --oidc-${name} (${variableOf(`oidc-${name}`)}), which is not given`,
  )
}

function variableOf(name: string): string {
  return `KITH_${name.toUpperCase().replaceAll('-', '_')}`
}
