/** What takes a message away: to a server, into a folder, or onto the screen. What happened is data: nothing here throws. */
import type { SendMailOptions } from 'nodemailer'

/** What became of a message. The answer is the server's, for people; the code is for logs, which hold no address. */
export interface Handed {
  /** `later`: it was not taken, and trying again makes sense; or nobody knows, and it may come to be there twice. */
  readonly outcome: 'sent' | 'later' | 'refused'
  readonly answer: string
  readonly code: string
}

export interface Message extends SendMailOptions {
  /** `<...>` */
  readonly messageId: string
}

export interface Carrier {
  /** @param signal - whoever waits for it no longer does */
  carry(message: Message, signal: AbortSignal): Promise<Handed>
  close(): void
}
