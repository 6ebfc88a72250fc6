/** The options of this room, as `kith serve --help` prints them. What they come to together: settings.ts. */
import type { Option } from '../lib/option.ts'
import type { CallerOptions } from './settings.ts'

const credentialKinds: readonly CallerOptions['auth'][number][] = ['keys', 'oidc', 'certificates']

export const callerOptions: readonly Option<keyof CallerOptions>[] = Object.freeze([
  {
    name: 'auth',
    variable: 'KITH_AUTH',
    field: 'auth',
    kind: 'some',
    choices: credentialKinds,
    default: 'none',
    help: `what callers show of who they are: none, or any of ${credentialKinds.join(', ')}, comma-separated`,
  },
  {
    name: 'callers-file',
    variable: 'KITH_CALLERS_FILE',
    field: 'callersFile',
    kind: 'file',
    default: '',
    help: 'callers, one a line: NAME CREDENTIAL SCOPE...; read again when it changes, and on SIGHUP',
  },
  {
    name: 'oidc-issuer',
    variable: 'KITH_OIDC_ISSUER',
    field: 'oidcIssuer',
    kind: 'word',
    default: '',
    help: 'with --auth oidc: who must have issued a token (iss)',
  },
  {
    name: 'oidc-audience',
    variable: 'KITH_OIDC_AUDIENCE',
    field: 'oidcAudience',
    kind: 'word',
    default: '',
    help: 'with --auth oidc: for whom a token must be (aud)',
  },
  {
    name: 'oidc-algorithms',
    variable: 'KITH_OIDC_ALGORITHMS',
    field: 'oidcAlgorithms',
    kind: 'words',
    default: '',
    help: 'with --auth oidc: how a token must be signed, such as RS256 or ES256,EdDSA',
  },
  {
    name: 'oidc-jwks',
    variable: 'KITH_OIDC_JWKS',
    field: 'oidcJwks',
    kind: 'word',
    default: '',
    help: "with --auth oidc: the issuer's public keys, an https URL or a file",
  },
  {
    name: 'oidc-clock-skew',
    variable: 'KITH_OIDC_CLOCK_SKEW',
    field: 'oidcSkewMs',
    kind: 'count',
    default: '30000',
    unit: 'ms',
    range: [0, 300_000],
    help: "how far the issuer's clock may be off",
  },
  {
    name: 'oidc-scope-claim',
    variable: 'KITH_OIDC_SCOPE_CLAIM',
    field: 'oidcScopeClaim',
    kind: 'word',
    default: 'scope',
    help: 'the claim of a token that carries scopes, such as kith:check: words, or an array of them',
  },
  {
    name: 'oidc-admin-word',
    variable: 'KITH_OIDC_ADMIN_WORD',
    field: 'oidcAdminWord',
    kind: 'word',
    default: '',
    help: 'with --auth oidc: the word in that claim that allows everything',
  },
  {
    name: 'oidc-actor-claim',
    variable: 'KITH_OIDC_ACTOR_CLAIM',
    field: 'oidcActorClaim',
    kind: 'word',
    default: '',
    help: 'with --auth oidc: the claim, such as sub, that holds ID of the user:ID it acts for',
  },
] satisfies Option<keyof CallerOptions>[])
