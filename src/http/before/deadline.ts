/**
 * Bounds the time a question may take at the door, reading its body included. Writes are not bounded here: an
 * answer that says "too late" about a commit that then happens would be worse than a late one.
 */
import type { Next } from 'hono'
import { Fault } from '../../lib/fault.ts'
import type { Exchange } from '../exchange.ts'

export function deadline(timeoutMs: number) {
  return async (c: Exchange, next: Next): Promise<void> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        c.set('abandoned', true)
        reject(new Fault('deadline_exceeded', 'Request Deadline Exceeded'))
      }, timeoutMs)
    })
    try {
      await Promise.race([next(), late])
    } finally {
      clearTimeout(timer)
    }
  }
}
