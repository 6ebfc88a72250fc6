/**
 * Lines to a file or to standard output, written by a thread of the system's: nobody who has a line waits. What has no
 * room is dropped and counted, and the lines that follow say how many are missing.
 */
import { close, open, write } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

const openFile = promisify(open)
const closeFile = promisify(close)
const writeFile = promisify(write)

/** Bytes of lines that may wait: some 10,000 of them. */
const queuedBytesMax = 4 << 20
/** Milliseconds until a reader that takes nothing is tried again. */
const retryMs = 20
const stdout = 1

export class LineSink {
  /** Lines. */
  written = 0
  dropped = 0
  /** Bytes that wait, those that are being written included. */
  queued = 0
  readonly #path: string
  readonly #onError: (error: unknown) => void
  #fd: number
  #lines: string[] = []
  /** Dropped since the last line that said so. */
  #untold = 0
  #writing: Promise<void> | undefined
  #giveUp = false
  #closed = false

  private constructor(path: string, fd: number, onError: (error: unknown) => void) {
    this.#path = path
    this.#fd = fd
    this.#onError = onError
  }

  /** @param path - a file, which is appended to, or `stdout`. @throws Error where it cannot be opened */
  static async open(path: string, onError: (error: unknown) => void): Promise<LineSink> {
    return new LineSink(path, await fileAt(path), onError)
  }

  /** @param line - without its end */
  write(line: string): void {
    const bytes = Buffer.byteLength(line) + 1
    // INVARIANT: nothing is written once it is closed: its descriptor's number may be another file's by then.
    if (this.#closed || this.queued + bytes > queuedBytesMax) {
      this.dropped++
      this.#untold++
      return
    }
    if (this.#untold > 0) {
      const told = `{"time":"${new Date().toISOString()}","dropped":${this.#untold}}\n`
      this.#untold = 0
      this.queued += told.length
      this.#lines.push(told)
    }
    this.queued += bytes
    this.#lines.push(`${line}\n`)
    this.#writing ??= this.#work()
  }

  /** After a rotation: the file of that name, anew. Lines that are being written end in the old one. */
  async reopen(): Promise<void> {
    if (this.#path === 'stdout' || this.#closed) return
    const fd = await fileAt(this.#path)
    await this.#writing
    // It was closed meanwhile, and the file before with it.
    if (this.#closed) return closeFile(fd)
    const old = this.#fd
    this.#fd = fd
    await closeFile(old)
  }

  /** Writes what waits, for so long at most; what comes after is dropped. Safe to call again. */
  async close(waitMs: number): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const timer = setTimeout(waitMs, undefined, { ref: false }).then(() => {
      this.#giveUp = true
    })
    await Promise.race([this.#writing, timer])
    if (this.#path !== 'stdout' && this.#writing === undefined) await closeFile(this.#fd)
  }

  async #work(): Promise<void> {
    // Lines of one turn leave together.
    await undefined
    while (this.#lines.length > 0 && !this.#giveUp) {
      const lines = this.#lines
      this.#lines = []
      const bytes = Buffer.from(lines.join(''))
      try {
        await this.#writeAll(bytes)
        this.written += lines.length
      } catch (error) {
        this.dropped += lines.length
        this.#untold += lines.length
        this.#onError(error)
      }
      this.queued -= bytes.length
    }
    this.#writing = undefined
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      try {
        const { bytesWritten } = await writeFile(this.#fd, bytes, at, bytes.length - at)
        at += bytesWritten
      } catch (error) {
        // A pipe that is full, where it does not block.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || this.#giveUp) throw error
        await setTimeout(retryMs, undefined, { ref: false })
      }
    }
  }
}

/** For its owner alone: it says who may do what. */
function fileAt(path: string): Promise<number> {
  return path === 'stdout' ? Promise.resolve(stdout) : openFile(path, 'a', 0o600)
}
