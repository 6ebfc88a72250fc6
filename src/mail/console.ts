/** Mail for development: printed where the sidecar was started, link and all, since that is what was asked for by name. */
import type { Carrier } from './carrier.ts'

/** @param print - a line */
export function consoleCarrier(print: (text: string) => void): Carrier {
  return {
    async carry({ messageId, subject, text }, _signal) {
      print(`mail ${messageId}: ${subject}\n${text}`)
      return { outcome: 'sent', answer: 'printed', code: 'console' }
    },
    close() {},
  }
}
