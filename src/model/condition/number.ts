/**
 * Numbers as contexts carry them, and as CEL converts them. A numeric string is read the way upstream reads it: with
 * a 64-bit mantissa, then into the type; that is why the *string* "0.1" is no double while the number 0.1 is. Not arithmetic.
 */

export const int64Max = (1n << 63n) - 1n
export const int64Min = -(1n << 63n)
export const uint64Max = (1n << 64n) - 1n

/** value = mantissa * 2^exponent, |mantissa| < 2^64. */
interface Binary {
  readonly mantissa: bigint
  readonly exponent: number
}

/** A number of JSON or a numeric string, for a parameter of type int: integral, held to int64 at the bounds. */
export function integerOf(value: number | string): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? clamp(BigInt(value)) : undefined
  if (/^-?\d{1,18}$/.test(value)) return BigInt(value)
  const binary = parseDecimal(value, integerPowerMax)
  if (binary === undefined) return undefined
  const { mantissa, exponent } = binary
  if (mantissa === 0n) return 0n
  if (exponent >= 0) return clamp(exponent > 64 ? mantissa * (1n << 64n) : mantissa << BigInt(exponent))
  if (exponent < -64) return undefined
  const scale = 1n << BigInt(-exponent)
  return mantissa % scale === 0n ? clamp(mantissa / scale) : undefined
}

/** Exactly, or not at all: undefined too when the string needs more than a double holds. */
export function doubleOf(value: string): number | undefined {
  const binary = parseDecimal(value, doublePowerMax)
  if (binary === undefined) return undefined
  const { mantissa, exponent } = binary
  if (mantissa === 0n) return value.startsWith('-') ? -0 : 0
  const double = Number(value)
  if (!Number.isFinite(double) || double === 0) return undefined
  const exact = binaryOf(double)
  return exact.mantissa === mantissa && exact.exponent === exponent ? double : undefined
}

function clamp(value: bigint): bigint {
  if (value > int64Max) return int64Max
  return value < int64Min ? int64Min : value
}

/** Powers of ten beyond which every answer is the same: the bounds of int64, or no double. Working them out is dear. */
const integerPowerMax = 40
const doublePowerMax = 800

const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/

/** The nearest number with a 64-bit mantissa, ties to even; undefined if `text` is no decimal number of sane length. */
function parseDecimal(text: string, powerMax: number): Binary | undefined {
  const match = decimal.exec(text)
  if (match === null || text.length > 400) return undefined
  const [, sign, whole = '', fraction = '', power = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt(whole + fraction)
  if (digits === 0n) return { mantissa: 0n, exponent: 0 }
  const exponent = Number(power) - fraction.length
  if (exponent > powerMax) return { mantissa: sign === '-' ? -1n : 1n, exponent: 2000 }
  if (exponent < -1600) return { mantissa: sign === '-' ? -1n : 1n, exponent: -4000 }
  const [above, below] =
    exponent >= 0 ? [digits * 10n ** BigInt(exponent), 1n] : [digits, 10n ** BigInt(-exponent)]
  const { mantissa, exponent: twos } = nearest(above, below)
  return { mantissa: sign === '-' ? -mantissa : mantissa, exponent: twos }
}

/** above / below rounded to 64 bits, in lowest terms. */
function nearest(above: bigint, below: bigint): Binary {
  let shift = bitLength(above) - bitLength(below) - 64
  for (;;) {
    const [top, bottom] = shift >= 0 ? [above, below << BigInt(shift)] : [above << BigInt(-shift), below]
    let mantissa = top / bottom
    const twice = (top % bottom) * 2n
    if (twice > bottom || (twice === bottom && mantissa % 2n === 1n)) mantissa += 1n
    if (bitLength(mantissa) <= 64) return lowest(mantissa, shift)
    shift += 1
  }
}

function binaryOf(double: number): Binary {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, double)
  const bits = view.getBigUint64(0)
  const power = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & ((1n << 52n) - 1n)
  const { mantissa, exponent } = lowest(
    power === 0 ? fraction : fraction | (1n << 52n),
    Math.max(power, 1) - 1075,
  )
  return { mantissa: double < 0 ? -mantissa : mantissa, exponent }
}

function lowest(mantissa: bigint, exponent: number): Binary {
  if (mantissa === 0n) return { mantissa, exponent }
  const twos = bitLength(mantissa & -mantissa) - 1
  return { mantissa: mantissa >> BigInt(twos), exponent: exponent + twos }
}

/** By way of hexadecimal digits: printing the bits of a number of 800 digits costs tens of microseconds. */
function bitLength(value: bigint): number {
  const digits = value.toString(16)
  return digits.length * 4 - Math.clz32(Number.parseInt(digits.charAt(0), 16)) + 28
}
