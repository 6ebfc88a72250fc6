/** What a machine can do to a folder while it is served: a full disk, one that turns read-only, no file descriptors left. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { verify } from '../../src/storage/doctor.ts'
import { type LevelStorage, openStorage } from '../../src/storage/open.ts'

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0

/** A small disk in memory; undefined where this process may not mount one. */
function smallDisk(megabytes: number): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'kith-disk-'))
  if (run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path)) return path
  rmSync(path, { recursive: true })
  return undefined
}

function removeDisk(path: string): void {
  run('umount', '--lazy', path)
  rmSync(path, { recursive: true, force: true })
}

const probe = smallDisk(1)
if (probe !== undefined) removeDisk(probe)
const why = probe === undefined ? ' (skipped: no file system can be mounted here)' : ''

interface Acked {
  readonly object: string
  readonly revision: number
}

/** Writes until a write fails; answers what was acknowledged. The failure is `unavailable`. */
async function writeUntilRefused(storage: LevelStorage, store: string): Promise<Acked[]> {
  const acked: Acked[] = []
  const condition = { name: 'large', context: { text: 'x'.repeat(100_000) } }
  for (;;) {
    const object = `doc:${storage.view(store).revision}`
    const writes = [{ object, relation: 'viewer', subject: 'user:ann', condition }]
    try {
      acked.push({ object, revision: (await storage.commit(store, { writes })).revision })
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable' })
      return acked
    }
  }
}

function expectThere(storage: LevelStorage, store: string, acked: readonly Acked[]): void {
  for (const { object, revision } of acked) {
    const found = storage.view(store).tuple(object, 'viewer', 'user:ann')
    expect(found?.revision, object).toBe(revision)
  }
}

/** Recovery runs by itself, once a second. */
async function recovered(storage: LevelStorage): Promise<void> {
  while (storage.unready !== undefined) await setTimeout(20)
}

test.skipIf(probe === undefined)(
  `a full disk stops writes, not reads, until there is room again${why}`,
  async () => {
    const disk = smallDisk(24) ?? ''
    onTestFinished(() => removeDisk(disk))
    const path = join(disk, 'data')
    const storage = await openStorage({ path }, { sweepEveryMs: 0 })
    const { id } = await storage.createStore('one')
    const before = await storage.commit(id, {
      writes: [{ object: 'doc:first', relation: 'viewer', subject: 'user:ann' }],
    })
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(20 << 20))
    const acked = [
      { object: 'doc:first', revision: before.revision },
      ...(await writeUntilRefused(storage, id)),
    ]
    expectThere(storage, id, acked)
    expect(storage.unready).toBeDefined()
    rmSync(join(disk, 'ballast'))
    await recovered(storage)
    expectThere(storage, id, acked)
    await storage.commit(id, { writes: [{ object: 'doc:last', relation: 'viewer', subject: 'user:ann' }] })
    await storage.close()
    expect(await verify(path)).toMatchObject({ findingCount: 0 })
  },
)

test.skipIf(probe === undefined)(`a disk that turns read-only${why}`, async () => {
  const disk = smallDisk(64) ?? ''
  onTestFinished(() => removeDisk(disk))
  const path = join(disk, 'data')
  const first = await openStorage({ path })
  const { id } = await first.createStore('one')
  const { revision } = await first.commit(id, {
    writes: [{ object: 'doc:0', relation: 'viewer', subject: 'user:ann' }],
  })
  await first.close()
  expect(run('mount', '-o', 'remount,ro', disk)).toBe(true)
  await expect(openStorage({ path })).rejects.toThrow(
    /the data folder .* cannot be (opened|made) \(.*[Rr]ead-only/,
  )
  expect(run('mount', '-o', 'remount,rw', disk)).toBe(true)
  const again = await openStorage({ path })
  expectThere(again, id, [{ object: 'doc:0', revision }])
  await again.close()
})

const prlimit = run('prlimit', '--nofile=64', 'true')

test.skipIf(!prlimit)(`no file descriptors left${prlimit ? '' : ' (skipped: no prlimit here)'}`, async () => {
  const path = mkdtempSync(join(tmpdir(), 'kith-descriptors-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const made = await openStorage({ path })
  const { id } = await made.createStore('one')
  await made.commit(id, { writes: [{ object: 'doc:first', relation: 'viewer', subject: 'user:ann' }] })
  await made.close()
  const child = new URL('descriptors.child.ts', import.meta.url).pathname
  const args = ['--nofile=128', process.execPath, '--import', 'tsx', child, path, id]
  const ran = spawnSync('prlimit', args, { encoding: 'utf8' })
  expect(ran.status, ran.stderr).toBe(0)
  const told = JSON.parse(ran.stdout) as {
    opening: string
    refused: string
    readable: boolean
    acked: number
  }
  expect(told.opening).toMatch(/(EMFILE|Too many open files|too many open files)/)
  expect(told.opening).toContain(path)
  expect(told).toMatchObject({ refused: 'unavailable', readable: true })
  const storage = await openStorage({ path })
  try {
    const view = storage.view(id)
    for (const name of ['first', 'after'])
      expect(view.tuple(`doc:${name}`, 'viewer', 'user:ann')).toBeDefined()
    for (let i = 0; i < told.acked; i++) {
      expect(view.tuple(`doc:${i}`, 'viewer', 'user:ann'), `doc:${i}`).toBeDefined()
    }
  } finally {
    await storage.close()
  }
  expect(await verify(path)).toMatchObject({ findingCount: 0 })
})
