/**
 * What a key looks like, and what is kept of it:
 *
 *   kith_<id, 26 characters>_<secret, 43 characters of base64url>
 *
 * The id finds the record, the secret (lib/secret.ts) proves it. Nothing here knows who owns a key.
 */
export interface KeyParts {
  readonly id: string
  readonly secret: string
}

const shape = /^kith_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})$/

/** Undefined: it is no key of ours, whatever else it may be. */
export function parseKey(text: string): KeyParts | undefined {
  const [, id, secret] = shape.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

export function printKey({ id, secret }: KeyParts): string {
  return `kith_${id}_${secret}`
}
