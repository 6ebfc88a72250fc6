/**
 * IP addresses and CIDR blocks, read strictly: no leading zeros, no zone ids, no `::` that stands for nothing. An IPv4
 * address written as IPv6 (`::ffff:10.0.0.1`) *is* the IPv4 address, in addresses and in blocks: a deny list of
 * IPv4 blocks must not be passed by a longer spelling. Not a resolver.
 */

export class Address {
  readonly bits: 32 | 128
  readonly value: bigint

  constructor(bits: 32 | 128, value: bigint) {
    this.bits = bits
    this.value = value
  }

  equals(other: Address): boolean {
    return this.bits === other.bits && this.value === other.value
  }

  /** An IPv6 block holds no IPv4 address and the reverse; bits of the block behind the prefix do not matter. */
  within(block: Block): boolean {
    if (this.bits !== block.base.bits) return false
    const shift = BigInt(this.bits - block.prefix)
    return this.value >> shift === block.base.value >> shift
  }
}

export interface Block {
  readonly base: Address
  readonly prefix: number
}

const mappedHigh = 0xffffn

/** The address; undefined for anything that is not exactly one. */
export function parseAddress(text: string): Address | undefined {
  const plain = parsePlain(text)
  if (plain === undefined || !isMapped(plain)) return plain
  return new Address(32, plain.value & 0xffffffffn)
}

/**
 * `10.0.0.0/8`, `2001:db8::/32`. A block of mapped addresses is the IPv4 block it stands for; one that reaches
 * beyond them (a prefix under 96) has no meaning here and is refused.
 */
export function parseBlock(text: string): Block | undefined {
  const match = /^([^/]{2,45})\/(0|[1-9]\d{0,2})$/.exec(text)
  if (match === null) return undefined
  const base = parsePlain(match[1] ?? '')
  const prefix = Number(match[2])
  if (base === undefined || prefix > base.bits) return undefined
  if (!isMapped(base)) return { base, prefix }
  return prefix < 96 ? undefined : { base: new Address(32, base.value & 0xffffffffn), prefix: prefix - 96 }
}

function isMapped({ bits, value }: Address): boolean {
  return bits === 128 && value >> 32n === mappedHigh
}

function parsePlain(text: string): Address | undefined {
  if (text.length > 45) return undefined
  if (!text.includes(':')) {
    const value = quad(text)
    return value === undefined ? undefined : new Address(32, value)
  }
  const value = hextets(text)
  return value === undefined ? undefined : new Address(128, value)
}

function quad(text: string): bigint | undefined {
  const match = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text)
  if (match === null) return undefined
  let value = 0
  for (let at = 1; at <= 4; at++) {
    const part = Number(match[at])
    if (part > 255) return undefined
    value = value * 256 + part
  }
  return BigInt(value)
}

function hextets(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = '', tail = ''] = halves.map((half, at) => groups(half, at === halves.length - 1))
  if (head === 'bad' || tail === 'bad') return undefined
  const missing = 8 - (head.length + tail.length) / 4
  // `::` stands for at least one group; without it all eight must be there.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  return BigInt(`0x${head}${'0000'.repeat(missing)}${tail}`)
}

/** The groups of one side of `::`, four digits each; the last two may be written as an IPv4 address, at the very end. */
function groups(half: string, last: boolean): string {
  if (half === '') return ''
  let found = ''
  const parts = half.split(':')
  for (const [at, part] of parts.entries()) {
    if (/^[\da-f]{1,4}$/i.test(part)) {
      found += part.padStart(4, '0')
      continue
    }
    const value = last && at === parts.length - 1 ? quad(part) : undefined
    if (value === undefined) return 'bad'
    found += value.toString(16).padStart(8, '0')
  }
  return found
}
