/** Mail for development and tests: each message a file `ID.eml` in a folder. The same message again is the same file. */
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../lib/make-folder.ts'
import type { Carrier } from './carrier.ts'
import { printed } from './printed.ts'
import { failureOf } from './smtp.ts'

/** Files are their owner's alone: links in them let people in. */
export function folderCarrier(folder: string): Carrier {
  return {
    async carry(message) {
      const file = join(folder, `${message.messageId.replace(/[^\w.@-]/g, '')}.eml`)
      try {
        makeFolder(folder)
        await writeWhole(file, await printed(message))
        return { outcome: 'sent', answer: 'written to a file', code: 'file' }
      } catch (thrown) {
        return failureOf(thrown)
      }
    },
    close() {},
  }
}

/** Whoever reads the folder finds a message whole or not at all. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.new`, file)
}
