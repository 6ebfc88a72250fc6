/** One uploaded file: as the body itself, or as the one file of a form. Its bytes are bounded while they arrive. */
import { Fault } from '../lib/fault.ts'
import { bytesOf, tooLarge } from './body.ts'
import type { Exchange } from './exchange.ts'

/** Bytes that a form may have around its file. */
const formBytesMax = 8 * 1024

/**
 * The name that a form gives the file is nobody's business here.
 * @param types - media types that the body may have where it is the file itself
 * @throws Fault validation_error: another type, or compressed; resource_exhausted; invalid_field: not one file
 */
export async function fileOf(c: Exchange, types: readonly string[], bytesMax: number): Promise<Uint8Array> {
  const type = c.req.header('Content-Type') ?? ''
  const plain = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (types.includes(plain)) return await bytesOf(c, bytesMax)
  if (plain !== 'multipart/form-data') {
    throw new Fault('validation_error', `the Content-Type is ${types.join(', ')} or multipart/form-data`)
  }
  const file = await fileIn(await bytesOf(c, bytesMax + formBytesMax), type)
  if (file.length > bytesMax) throw tooLarge(bytesMax)
  return file
}

async function fileIn(body: Uint8Array, type: string): Promise<Uint8Array> {
  const parts = await partsOf(body, type)
  const [first] = parts
  if (parts.length === 1 && first instanceof Blob) return new Uint8Array(await first.arrayBuffer())
  throw new Fault('invalid_field', `the form holds ${parts.length} parts: it is one file and nothing else`, {
    field: 'file',
  })
}

async function partsOf(body: Uint8Array, type: string): Promise<readonly unknown[]> {
  try {
    const form = await new Response(body, { headers: { 'content-type': type } }).formData()
    return [...form.values()]
  } catch {
    throw new Fault('validation_error', 'the form cannot be read')
  }
}
