/** JSON bytes to values. Not the shape of what is in them: that is shape.ts. */
import { isUtf8 } from 'node:buffer'
import { Fault } from '../lib/fault.ts'

/**
 * The value in `bytes`; undefined when there are none. Of a repeated key the last one counts. Deep nesting costs
 * no stack here: V8 parses iteratively, and decoders only go as deep as their fields.
 * @throws Fault validation_error
 */
export function parseJson(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? undefined : parseJsonText(parseText(bytes))
}

/** @throws Fault validation_error */
export function parseText(bytes: Uint8Array): string {
  // INVARIANT: what is not UTF-8 is refused, never repaired: two different ids must not become one.
  if (!isUtf8(bytes)) throw malformed('the body is not UTF-8')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** @throws Fault validation_error */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw malformed('malformed JSON', cause)
  }
}

function malformed(message: string, cause?: unknown): Fault {
  return new Fault('validation_error', message, { cause })
}
