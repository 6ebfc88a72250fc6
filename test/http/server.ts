/** A real server over an empty in-memory storage, on a port of its own. */
import { createApp } from '../../src/http/app.ts'
import { listen } from '../../src/http/listen.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'

export interface Server {
  readonly url: string
  close(): Promise<void>
}

export async function startServer(): Promise<Server> {
  const storage = await openStorage({ memory: true })
  const listening = await listen(createApp(kithOver(storage)), { host: '127.0.0.1', port: 0 })
  return {
    url: listening.address,
    async close() {
      await listening.close(1_000)
      await storage.close()
    },
  }
}
