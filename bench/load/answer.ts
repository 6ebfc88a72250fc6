/**
 * Where the body of an answer is. Heads of one server look alike: where the last one had its Content-Length and its end,
 * the next is likely to have them, and two short comparisons tell; searching every head would cost the generator a tenth
 * of its core.
 */

const headEnd = Buffer.from('\r\n\r\n')
const chunksEnd = Buffer.from('\r\n0\r\n\r\n')
const zero = 48

/** Of one connection. */
export class AnswerReader {
  /** The name of the length as it was written last, from the end of the line before it to the first digit. */
  #name: Buffer | undefined
  /** Where that was. */
  #nameAt = 0

  /** The body of an answer that is alone in `answer`; undefined while something is missing. */
  bodyOf(answer: Buffer): Buffer | undefined {
    const end = this.#knownEnd(answer)
    return end === undefined ? this.#search(answer) : bodyAt(answer, end.from, end.length)
  }

  /** Where the body begins and how long it is, if the head is like the last one. */
  #knownEnd(answer: Buffer): { readonly from: number; readonly length: number } | undefined {
    const name = this.#name
    if (name === undefined || !isAt(answer, this.#nameAt, name)) return undefined
    let at = this.#nameAt + name.length
    let length = 0
    for (let digit = digitAt(answer, at); digit !== undefined; digit = digitAt(answer, ++at))
      length = length * 10 + digit
    const end = answer.indexOf(headEnd, at)
    return end === -1 ? undefined : { from: end + headEnd.length, length }
  }

  #search(answer: Buffer): Buffer | undefined {
    const end = answer.indexOf(headEnd)
    if (end === -1) return undefined
    const head = answer.toString('latin1', 0, end)
    const from = end + headEnd.length
    const length = /\r\ncontent-length: *(?=\d)/i.exec(head)
    if (length !== null) {
      this.#nameAt = length.index
      this.#name = Buffer.from(length[0], 'latin1')
      return bodyAt(answer, from, Number.parseInt(head.slice(length.index + length[0].length), 10))
    }
    if (!/\r\ntransfer-encoding: *chunked/i.test(head))
      return from === answer.length ? answer.subarray(from) : undefined
    return answer.subarray(-chunksEnd.length).equals(chunksEnd) ? unchunked(answer.subarray(from)) : undefined
  }
}

function bodyAt(answer: Buffer, from: number, length: number): Buffer | undefined {
  return answer.length < from + length ? undefined : answer.subarray(from, from + length)
}

/** Short, so that a loop is quicker than a call into native code. */
function isAt(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
  return true
}

function digitAt(bytes: Buffer, at: number): number | undefined {
  const digit = (bytes[at] ?? 0) - zero
  return digit >= 0 && digit <= 9 ? digit : undefined
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
