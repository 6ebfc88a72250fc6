/** An issuer of tokens in this process: its keys, and tokens good and bad. */
import type { webcrypto } from 'node:crypto'
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWK, SignJWT } from 'jose'

export const issuer = 'https://issuer.example/'
export const audience = 'kith'

interface Signer {
  readonly kid: string
  readonly alg: string
  readonly privateKey: webcrypto.CryptoKey
  readonly publicKey: webcrypto.CryptoKey
  readonly jwk: JWK
}

export async function signerOf(kid: string, alg = 'ES256'): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } }
}

export function keySetOf(...signers: readonly Signer[]): JSONWebKeySet {
  return { keys: signers.map(({ jwk }) => jwk) }
}

/** A token as it should be, but for what is given; undefined takes a claim away. @param now - milliseconds */
export function tokenOf(
  { kid, alg, privateKey }: Signer,
  now: number,
  claims: object = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const seconds = Math.floor(now / 1_000)
  const payload = {
    iss: issuer,
    aud: audience,
    sub: 'svc',
    scope: 'kith:check',
    iat: seconds,
    exp: seconds + 3_600,
  }
  return new SignJWT({ ...payload, ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)
}

/** Three parts put together by hand, for what no library would sign. */
export function forged(header: object, payload: object, signature = ''): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${signature}`
}
