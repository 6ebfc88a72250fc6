/**
 * The bytes of a file as text: UTF-8 strictly, UTF-16 by its mark, else what old spreadsheets write, and then it is said.
 * Not what the text holds.
 */
import { type FileProblem, refuseFile } from './refusal.ts'

export interface Decoded {
  readonly text: string
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'
  /** Of what was guessed: a piece of the text to judge the guess by. */
  readonly sample?: string
}

/** Without a byte order mark, and with `\n` alone at the ends of lines. @throws Fault invalid_file */
export function decode(bytes: Uint8Array): Decoded {
  const encoding = markOf(bytes)
  const decoded = encoding === undefined ? unmarked(bytes) : { text: strictly(encoding, bytes), encoding }
  const text = decoded.text.replace(/\r\n?/g, '\n')
  const nul = text.indexOf('\0')
  if (nul !== -1) refuseFile(notText(text, nul))
  return { ...decoded, text }
}

function markOf([first, second, third]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

function unmarked(bytes: Uint8Array): Decoded {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' }
  } catch {
    const text = windows1252(bytes)
    return { text, encoding: 'windows-1252', sample: sampleOf(text) }
  }
}

/** What a mark promised. */
function strictly(encoding: 'utf-8' | 'utf-16le' | 'utf-16be', bytes: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return refuseFile({
      word: 'invalid_encoding',
      message: `the file begins as ${encoding}, and is not`,
      hint: 'save it as CSV UTF-8 again',
    })
  }
}

/** 0x80 to 0x9f; elsewhere a byte is the character of its number. By hand: Node 20 decodes this range as Latin-1. */
const high =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'

function windows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (char) => high.charAt(char.charCodeAt(0) - 0x80))
}

/** What stands around the first character that was guessed. */
function sampleOf(text: string): string {
  const at = text.search(/[^\x00-\x7f]/)
  return (
    /[^\r\n]*$/.exec(text.slice(Math.max(0, at - 20), at))?.[0] +
    (/^[^\r\n]{0,20}/.exec(text.slice(at))?.[0] ?? '')
  )
}

function notText(text: string, at: number): FileProblem {
  const line = text.slice(0, at).split('\n').length
  return {
    word: 'not_text',
    message: `line ${line} holds a NUL character: the file is no text`,
    hint: 'a spreadsheet has to be saved as CSV UTF-8 first',
  }
}
