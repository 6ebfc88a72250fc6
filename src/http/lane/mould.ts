/**
 * How the checks of a batch are written: one program writes all of them, so between its names one looks like another,
 * byte for byte. The first is read as JSON; what is equal to it outside of its four names needs no reading. It knows no
 * JSON and accepts no check: body.ts does.
 */

const space = 32
const quote = 34
const backslash = 92
const del = 127

/** Where a name is, without its quotes. */
export interface Span {
  from: number
  to: number
}

type Name = 'user' | 'relation' | 'object' | 'id'

export class Mould {
  /** Of the check that was fitted last. */
  readonly names: Readonly<Record<Name, Span>> = {
    user: span(),
    relation: span(),
    object: span(),
    id: span(),
  }
  /** The names in the order they are written in. */
  readonly #order: Span[] = []
  /** What is before each name and after the last: begins and ends of bytes, by turns. */
  readonly #gaps: number[] = []
  #isWhole = false

  /** A check begins, that will be read as JSON. */
  begin(at: number): void {
    this.#isWhole = false
    this.#order.length = 0
    this.#gaps.length = 0
    this.#gaps.push(at)
  }

  /** One of its names, in the order they are written in. */
  note(name: Name, from: number, to: number): void {
    this.#order.push(this.names[name])
    this.#gaps.push(from, to)
  }

  /** All of it was read, and is good. */
  end(at: number): void {
    this.#gaps.push(at)
    this.#isWhole = true
  }

  /** Where a check that looks like the one that was read ends, its names found; undefined: it looks different. */
  fit(bytes: Buffer, start: number, end: number): number | undefined {
    if (!this.#isWhole) return undefined
    const gaps = this.#gaps
    let at = start
    for (let gap = 0; gap < gaps.length; gap += 2) {
      const to = gaps[gap + 1] as number
      for (let i = gaps[gap] as number; i < to; i++) if (bytes[at++] !== bytes[i]) return undefined
      const name = this.#order[gap >> 1]
      if (name === undefined) break
      name.from = at
      while (at < end && isPrintable(bytes[at] as number)) at++
      name.to = at
    }
    // Bytes of the next request are no part of this one.
    return at <= end ? at : undefined
  }
}

function span(): Span {
  return { from: 0, to: 0 }
}

/** Whether a byte in a string stands for itself, and is no white space. */
export function isPrintable(byte: number): boolean {
  return byte > space && byte < del && byte !== quote && byte !== backslash
}
