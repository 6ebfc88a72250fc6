/** An HTTP answer in bytes: is it whole, and what is its body? */
const headEnd = Buffer.from('\r\n\r\n')
const chunksEnd = Buffer.from('\r\n0\r\n\r\n')

/** The body of a whole answer; undefined while something is missing. */
export function bodyOf(answer: Buffer): Buffer | undefined {
  const end = answer.indexOf(headEnd)
  if (end === -1) return undefined
  const head = answer.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  const from = end + headEnd.length
  if (length !== undefined) {
    const to = from + Number(length)
    return answer.length < to ? undefined : answer.subarray(from, to)
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head))
    return from === answer.length ? answer.subarray(from) : undefined
  return answer.subarray(-chunksEnd.length).equals(chunksEnd) ? unchunked(answer.subarray(from)) : undefined
}

function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.toString('latin1', at, line), 16)
    if (!(length > 0)) return Buffer.concat(parts)
    parts.push(body.subarray(line + 2, line + 2 + length))
    at = line + 2 + length + 2
  }
}
