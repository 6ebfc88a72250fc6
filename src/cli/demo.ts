/** `kith demo`: the stories of schema/stories, told against a sidecar of their own that leaves nothing behind. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { readConfig } from '../config.ts'
import type { JsonObject } from '../lib/json.ts'
import { readStories } from './story.ts'
import { type Ask, tell } from './telling.ts'
import { paint, print } from './terminal.ts'

export function demoCommand(): Command {
  return new Command('demo')
    .description('tell what the presets are for: each request, its answer and why; needs no sidecar')
    .argument('[story...]', 'some of the stories; all of them where none is named')
    .option('--list', 'only say which stories there are')
    .action(async (names: string[], { list }: { list?: boolean }) => {
      const stories = await readStories(names)
      if (list === true) {
        for (const { name, title, preset } of stories) print(`${name}  ${title} (${preset})`)
        return
      }
      await withSidecar(async (ask) => {
        for (const story of stories) await tell(story, ask)
      })
      print(`\n${paint('green', `${stories.length} stories told, every answer as it should be`)}`)
    })
}

async function withSidecar(work: (ask: Ask) => Promise<void>): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'kith-demo-'))
  try {
    const { startSidecar } = await import('../sidecar.ts')
    const config = readConfig(
      { data, listen: '127.0.0.1:0', 'log-level': 'error', 'drain-notice': '0' },
      {},
      undefined,
    )
    const { logToStderr } = await import('../lib/log-lines.ts')
    const sidecar = await startSidecar(config, logToStderr('error'))
    try {
      await work(askOver(sidecar.address))
    } finally {
      await sidecar.stop()
    }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

function askOver(address: string): Ask {
  return async (method, path, body, actor) => {
    const response = await fetch(address + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(actor === undefined ? {} : { 'kith-actor': `user:${actor}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as JsonObject) }
  }
}
