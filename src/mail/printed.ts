/** A message as it would go over the wire. */
import { createTransport } from 'nodemailer'
import type { Message } from './carrier.ts'

const printer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })

export async function printed(message: Message): Promise<Uint8Array> {
  const { message: bytes } = await printer.sendMail(message)
  if (bytes instanceof Uint8Array) return bytes
  throw new Error('a message was not printed whole')
}
