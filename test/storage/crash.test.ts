/** A process that is killed amid writes: what it acknowledged is there, nothing is there by half, nothing is missing between. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { verify } from '../../src/storage/doctor.ts'
import { openStorage } from '../../src/storage/open.ts'

const child = new URL('writer.child.ts', import.meta.url).pathname

/** Lets writers run until `acks` commits were acknowledged, then kills them. */
async function killAfter(path: string, acks: number): Promise<{ store: string; acked: [number, string][] }> {
  const run = spawn(process.execPath, ['--import', 'tsx', child, path, '8'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(run, 'exit')
  const acked: [number, string][] = []
  let store = ''
  for await (const line of createInterface({ input: run.stdout })) {
    const [word, first = '', second = ''] = line.split(' ')
    if (word === 'store') store = first
    if (word === 'ack') acked.push([Number(first), second])
    if (acked.length === acks) run.kill('SIGKILL')
  }
  // A dying process lets go of its output before the lock of its folder; one that has exited holds neither.
  await ended
  return { store, acked }
}

test('acknowledged writes survive SIGKILL, whole, in an unbroken log', async () => {
  const path = mkdtempSync(join(tmpdir(), 'kith-crash-'))
  try {
    const all: [number, string][] = []
    for (const acks of [5, 120, 333]) {
      const { store, acked } = await killAfter(path, acks)
      expect(acked.length).toBeGreaterThanOrEqual(acks)
      all.push(...acked)
      const found = await verify(path)
      expect(found.findings).toEqual([])
      const storage = await openStorage({ path }, { sweepEveryMs: 0 })
      try {
        const view = storage.view(store).pin()
        const changes = await view.changes(0, 1_000_000)
        expect(changes.map((entry) => entry.revision)).toEqual(changes.map((_, i) => i + 1))
        expect(changes.every((entry) => entry.tuples.length === 3)).toBe(true)
        for (const [revision, name] of all) {
          expect(view.tuple('group:all', 'member', `user:${name}`), name).toMatchObject({ revision })
          expect(view.edges(`doc:${name}`, 'viewer').usersets, name).toHaveLength(1)
        }
        view.release()
      } finally {
        await storage.close()
      }
    }
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
})
