/**
 * The mark: a small file beside LevelDB's own, rewritten in place. What it holds of batches and instants is not synced:
 * it survives the death of the process, so a log that LevelDB cut short is noticed; after a power loss it may lag, and
 * then it accuses nobody. Whether the folder was closed in order is synced.
 */
import { closeSync, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs'

/** 8 bytes each, in this order. */
const fields = { batch: 0, instant: 1, closed: 2 } as const

export class Mark {
  readonly #fd: number
  readonly #bytes = Buffer.alloc(8)
  #isOpen = true

  /** Makes the file where there is none: 0 is read from where nothing was written. */
  constructor(path: string) {
    closeSync(openSync(path, 'a+', 0o600))
    this.#fd = openSync(path, 'r+')
  }

  read(field: 'batch' | 'instant'): number {
    return this.#read(fields[field])
  }

  write(field: 'batch' | 'instant', value: number): void {
    // The number of a closed file may be another file's by now.
    if (this.#isOpen) this.#write(fields[field], value)
  }

  /** Whether whoever had the folder last closed it in order. */
  get isSettled(): boolean {
    return this.#read(fields.closed) === 1
  }

  /** Whoever ends from here on without `settle` did not close the folder in order. On disk on return. */
  unsettle(): void {
    if (!this.isSettled) return
    this.#write(fields.closed, 0)
    fdatasyncSync(this.#fd)
  }

  /** To be called when nothing of the folder is written any more. On disk when the mark is closed. */
  settle(): void {
    this.#write(fields.closed, 1)
  }

  close(): void {
    this.#isOpen = false
    try {
      fdatasyncSync(this.#fd)
    } finally {
      closeSync(this.#fd)
    }
  }

  #read(field: number): number {
    const read = Buffer.alloc(8)
    return readSync(this.#fd, read, 0, 8, field * 8) === 8 ? read.readUIntBE(2, 6) : 0
  }

  #write(field: number, value: number): void {
    this.#bytes.writeUIntBE(value, 2, 6)
    writeSync(this.#fd, this.#bytes, 0, 8, field * 8)
  }
}
