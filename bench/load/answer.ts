/**
 * Where the body of an answer is. Heads of one server look alike: where the last one had its Content-Length and its end,
 * the next is likely to have them, and a few bytes tell. To make a string of every head and search it would cost the
 * generator two microseconds a request, and what it takes of its core bounds what can be measured.
 */

const headEnd = Buffer.from('\r\n\r\n')
const chunksEnd = Buffer.from('\r\n0\r\n\r\n')
const zero = 48
const none = Buffer.alloc(0)

/** Of one connection: the body of the answer that was read last is `bytes` from `from` to `to`. */
export class AnswerReader {
  bytes: Buffer = none
  from = 0
  to = 0
  /** The name of the length as it was written last, from the end of the line before it to the first digit; and where. */
  #name = none
  #nameAt = 0
  /** From the last digit to the body. */
  #rest = 0

  /** False while something is missing. @param answer - one answer, the first `length` bytes of it */
  read(answer: Buffer, length: number): boolean {
    const from = this.#expected(answer) ? this.from : this.#search(answer, length)
    if (from === undefined) return false
    this.bytes = answer
    this.from = from
    return this.to === Number.POSITIVE_INFINITY ? this.#readUnmeasured(answer, length) : this.to <= length
  }

  /** Whether the head is like the last one; then `from` and `to` are found. */
  #expected(answer: Buffer): boolean {
    if (this.#name.length === 0 || !isAt(answer, this.#nameAt, this.#name)) return false
    let at = this.#nameAt + this.#name.length
    let length = 0
    for (let digit = (answer[at] ?? 0) - zero; digit >= 0 && digit <= 9; digit = (answer[++at] ?? 0) - zero)
      length = length * 10 + digit
    this.from = at + this.#rest
    this.to = this.from + length
    return isAt(answer, this.from - headEnd.length, headEnd)
  }

  /** Where the body begins; undefined: not yet. */
  #search(answer: Buffer, length: number): number | undefined {
    const end = answer.subarray(0, length).indexOf(headEnd)
    if (end === -1) return undefined
    const from = end + headEnd.length
    const head = answer.toString('latin1', 0, end)
    const found = /(\r\ncontent-length: *)(\d+)/i.exec(head)
    this.to = Number.POSITIVE_INFINITY
    if (found === null) return from
    const [, name = '', digits = ''] = found
    this.#name = Buffer.from(name, 'latin1')
    this.#nameAt = found.index
    this.#rest = from - (found.index + name.length + digits.length)
    this.to = from + Number(digits)
    return from
  }

  /** A body in chunks, or none. */
  #readUnmeasured(answer: Buffer, length: number): boolean {
    const body = answer.subarray(this.from, length)
    const isChunked = /\r\ntransfer-encoding: *chunked/i.test(answer.toString('latin1', 0, this.from))
    if (isChunked && !body.subarray(-chunksEnd.length).equals(chunksEnd)) return false
    this.bytes = isChunked ? unchunked(body) : body
    this.from = 0
    this.to = this.bytes.length
    return isChunked || body.length === 0
  }
}

/** Short, so that a loop is quicker than a call into native code. */
function isAt(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
  return true
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
