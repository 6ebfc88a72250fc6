/** Mail by SMTP: a few connections that are kept, each step bounded in time. Trying again is not done here. */
import { createTransport } from 'nodemailer'
import type { Carrier, Handed } from './carrier.ts'
import type { SmtpServer } from './settings.ts'

/** Milliseconds for a connection, and for a server to greet. */
const connectMs = 10_000
/** Milliseconds of silence within a conversation. */
const silenceMs = 60_000
/** Milliseconds for all of a message: a server that answers drop by drop is never silent. */
const messageMs = 180_000
/** Some servers take no more from one client. */
const connectionsMax = 3

export function smtpCarrier({ host, port, tls, auth }: SmtpServer): Carrier {
  const pool = createTransport({
    pool: true,
    maxConnections: connectionsMax,
    // It would hand a message over again of which nobody knows whether it was taken, behind the back of who counts.
    maxRequeues: 0,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    ...(auth === undefined ? {} : { auth }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: silenceMs,
  })
  return {
    async carry(message, signal) {
      try {
        const bounded = AbortSignal.any([signal, AbortSignal.timeout(messageMs)])
        const { response } = await pool.sendMail({ ...message, signal: bounded })
        return { outcome: 'sent', answer: response, code: '250' }
      } catch (thrown) {
        return failureOf(thrown)
      }
    },
    close: () => pool.close({ force: true }),
  }
}

/**
 * Only what the server says of this letter is for good: 5yz to its envelope or its text. A server that is not there, has no
 * time, or does not know us (a password) may be right tomorrow.
 */
export function failureOf(thrown: unknown): Handed {
  const { code = 'EUNKNOWN', responseCode, response, message } = errorOf(thrown)
  const isOfTheLetter = code === 'EENVELOPE' || code === 'EMESSAGE'
  const isForGood = isOfTheLetter && (responseCode === undefined || responseCode >= 500)
  return {
    outcome: isForGood ? 'refused' : 'later',
    answer: response ?? message ?? String(thrown),
    code: responseCode === undefined ? code : `${code} ${responseCode}`,
  }
}

function errorOf(thrown: unknown): {
  readonly code?: string
  readonly responseCode?: number
  readonly response?: string
  readonly message?: string
} {
  return thrown instanceof Error ? thrown : {}
}
