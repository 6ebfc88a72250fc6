/** An import whose process is killed: what it told of is in, commits are whole, and run again it ends as if nothing had been. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { verify } from '../../src/storage/doctor.ts'
import { openStorage } from '../../src/storage/open.ts'

const child = new URL('importer.child.ts', import.meta.url).pathname
const lines = 40_000

/** Runs the import; kills it once it has told of `until` lines. */
async function run(path: string, until: number): Promise<{ readonly store: string; readonly told: number }> {
  const importer = spawn(process.execPath, ['--import', 'tsx', child, path, String(lines)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(importer, 'exit')
  let store = ''
  let told = 0
  for await (const line of createInterface({ input: importer.stdout })) {
    const [word, value = ''] = line.split(' ')
    if (word === 'store') store = value
    else told = Number(value)
    if (told >= until) importer.kill('SIGKILL')
  }
  await ended
  return { store, told }
}

test('an import survives SIGKILL', async () => {
  const path = mkdtempSync(join(tmpdir(), 'kith-import-'))
  try {
    for (const until of [1, lines / 2, Infinity]) {
      const { store, told } = await run(path, until)
      expect((await verify(path)).findings).toEqual([])
      const storage = await openStorage({ path }, { sweepEveryMs: 0 })
      try {
        const view = storage.view(store).pin()
        const entries = await view.changes(0, 1000)
        expect(entries.map(({ revision }) => revision)).toEqual(entries.map((_, i) => i + 1))
        const written = entries.flatMap(({ tuples }) => tuples.map(({ tuple }) => tuple))
        expect(written.length).toBeGreaterThanOrEqual(told)
        expect(new Set(written.map(({ object, subject }) => `${object}@${subject}`)).size).toBe(
          written.length,
        )
        const last = written.length - 1
        expect(written[last]).toMatchObject({
          object: `doc:${last % 3000}`,
          subject: `user:${Math.floor(last / 7)}`,
        })
        expect(view.tuple(`doc:${last % 3000}`, 'viewer', `user:${Math.floor(last / 7)}`)).toBeDefined()
        if (until === Infinity) expect(written).toHaveLength(lines)
        view.release()
      } finally {
        await storage.close()
      }
    }
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}, 60_000)
