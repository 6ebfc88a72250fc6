/** In which spelling a request came, and in which its answer goes out: JSON, or MessagePack where that is asked for. */

export function isMsgpack(mediaType: string | undefined): boolean {
  if (mediaType === undefined || mediaType === 'application/json') return false
  return /^application\/(?:x-|vnd\.)?msgpack\s*(?:;|$)/i.test(mediaType.trim())
}

/** An Accept that names neither is answered in the spelling of the request: `mirror`. */
export function prefersMsgpack(accept: string | undefined, mirror: boolean): boolean {
  if (accept === undefined || accept === '*/*') return mirror
  let json: number | undefined
  let packed: number | undefined
  for (const range of accept.split(',')) {
    const weight = Number(/;\s*q=([\d.]{1,5})/i.exec(range)?.[1] ?? 1)
    if (isMsgpack(range)) packed = Math.max(packed ?? 0, weight)
    else if (/^\s*application\/json\b/i.test(range)) json = Math.max(json ?? 0, weight)
  }
  if (packed === undefined) return json === undefined && mirror
  return packed > 0 && packed >= (json ?? 0)
}
