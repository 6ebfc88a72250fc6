/** A real SMTP server on this machine, for tests: what it was given, as a mail program would read it. */
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

interface Delivered {
  /** Who the server was told to deliver to, whatever the headers say. */
  readonly recipients: readonly string[]
  readonly mail: Email
  readonly raw: string
}

/** What the server says of one message; undefined: it takes it. */
type Refusal = { readonly at: 'rcpt' | 'data'; readonly code: number; readonly text: string } | undefined

export interface MailServer {
  readonly port: number
  readonly url: string
  readonly delivered: readonly Delivered[]
  /** Resolves when so many have been delivered. */
  until(count: number): Promise<readonly Delivered[]>
  /** Asked for each message, with how many came before it. */
  refuses: (attempt: number, recipient: string) => Refusal
  /** Messages that were begun. */
  readonly attempts: number
  close(): Promise<void>
}

export async function openMailServer(): Promise<MailServer> {
  const delivered: Delivered[] = []
  const waiting = new Set<() => void>()
  let attempts = 0
  const refused = (at: 'rcpt' | 'data', recipient: string): Error | undefined => {
    const refusal = server.refuses(attempts, recipient)
    if (refusal?.at !== at) return undefined
    return Object.assign(new Error(refusal.text), { responseCode: refusal.code })
  }
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onRcptTo({ address }, _session, callback) {
      attempts++
      callback(refused('rcpt', address))
    },
    async onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of stream) chunks.push(chunk as Buffer)
      } catch (thrown) {
        // Whoever sent it was killed.
        return callback(thrown as Error)
      }
      const recipients = envelope.rcptTo.map(({ address }) => address)
      const error = refused('data', recipients[0] ?? '')
      if (error !== undefined) return callback(error)
      const raw = Buffer.concat(chunks)
      delivered.push({ recipients, mail: await PostalMime.parse(raw), raw: raw.toString() })
      for (const wake of waiting) wake()
      // Who waits for it comes first: whoever is killed then never hears that it was taken.
      await new Promise(setImmediate)
      callback()
    },
  })
  // Connections of those who were killed.
  smtp.on('error', () => {})
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  const address = smtp.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const server: MailServer = {
    port,
    url: `smtp://127.0.0.1:${port}?tls=off`,
    delivered,
    refuses: () => undefined,
    get attempts() {
      return attempts
    },
    async until(count) {
      while (delivered.length < count) {
        await new Promise<void>((resolve) => {
          waiting.add(resolve)
        })
        waiting.clear()
      }
      return delivered
    },
    close: () => new Promise((resolve) => smtp.close(() => resolve())),
  }
  return server
}
