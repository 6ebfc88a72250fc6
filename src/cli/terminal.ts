/**
 * What a terminal shows: colours where there is one, columns, trees, and how far along a long work is; and what becomes of
 * a command whose reader has left.
 */
import { styleText } from 'node:util'
import { exitCodes } from './failure.ts'

type Colour = Parameters<typeof styleText>[0]

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

let outlives = false

/** A reader that has seen enough (`kith read | head`) ends the command, and is no error. Called once, before any command. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (outlives) return
    if (error.code === 'EPIPE') process.exit(exitCodes.ok)
    throw error
  })
  process.stderr.on('error', (error) => {
    if (!outlives) throw error
  })
}

/** For what serves: whoever read its lines may leave, which ends neither an authorization service nor its stopping. */
export function outliveReaders(): void {
  outlives = true
}

/** Machine-readable: one document, indented for eyes and on one line for pipes. */
export function printJson(value: unknown): void {
  print(process.stdout.isTTY ? JSON.stringify(value, null, 2) : JSON.stringify(value))
}

/** `text` coloured on a terminal that takes colour (NO_COLOR is honoured), as it is elsewhere. */
export function paint(colour: Colour, text: string): string {
  const wanted = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
  return wanted ? styleText(colour, text) : text
}

/** A name may be of several lines: what it is shown in is read line by line. */
export function onOneLine(text: string): string {
  return text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
}

/** Rows under a header, each column as wide as its widest cell; the last is not padded. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows].map((row) => row.map(onOneLine))
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export interface Branch {
  readonly label: string
  readonly children: readonly Branch[]
}

/** A tree with its lines drawn, one node a line. */
export function tree(root: Branch): string {
  return [root.label, ...branches(root, '')].join('\n')
}

function branches({ children }: Branch, indent: string): readonly string[] {
  return children.flatMap((child, index) => {
    const last = index === children.length - 1
    return [
      `${indent}${last ? '└─ ' : '├─ '}${child.label}`,
      ...branches(child, `${indent}${last ? '   ' : '│  '}`),
    ]
  })
}

/** Milliseconds between lines where no bar can be drawn, and between redraws where one can. */
const linesEveryMs = 5_000
const redrawEveryMs = 100

/** How far a long work is: a bar on a terminal, a line now and then elsewhere. Everything goes to stderr. */
export class Progress {
  readonly #what: string
  readonly #bytesTotal: number | undefined
  readonly #started = performance.now()
  #shown = performance.now()
  #drawn = false

  /** `bytesTotal`: of the input, where it is known; without it there is no share and no end in sight. */
  constructor(what: string, bytesTotal: number | undefined) {
    this.#what = what
    this.#bytesTotal = bytesTotal
  }

  at(count: number, bytes: number): void {
    const now = performance.now()
    const bar = process.stderr.isTTY === true
    if (now - this.#shown < (bar ? redrawEveryMs : linesEveryMs)) return
    this.#shown = now
    const line = this.#line(count, bytes, now)
    this.#drawn ||= bar
    process.stderr.write(bar ? `\r\u001B[2K${line}` : `${line}\n`)
  }

  /** Takes the bar away. */
  done(): void {
    if (this.#drawn) process.stderr.write('\r\u001B[2K')
  }

  #line(count: number, bytes: number, now: number): string {
    const seconds = (now - this.#started) / 1000
    const rate = Math.round(count / Math.max(seconds, 0.001))
    const done = `${count.toLocaleString('en')} ${this.#what}, ${rate.toLocaleString('en')}/s`
    const total = this.#bytesTotal
    if (total === undefined || total === 0 || bytes === 0) return done
    const share = Math.min(bytes / total, 1)
    const filled = Math.round(share * 24)
    const left = Math.round((seconds / share) * (1 - share))
    return `[${'#'.repeat(filled)}${'.'.repeat(24 - filled)}] ${Math.round(share * 100)}% ${done}, ${left} s left`
  }
}
