/** Backup and restore: one state of all stores, whole or refused; what the original went on to say is told apart. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backupFolder } from '../../src/storage/backup/backup.ts'
import { readFrames } from '../../src/storage/backup/frames.ts'
import { restore } from '../../src/storage/backup/restore.ts'
import { verify } from '../../src/storage/doctor.ts'
import * as keys from '../../src/storage/keys.ts'
import { type LevelStorage, openStorage } from '../../src/storage/open.ts'
import { packDocument } from '../../src/storage/values.ts'
import { openTestFolder } from './folder.ts'

let root: string
let original: LevelStorage
let store: string
const at = (name: string): string => join(root, name)
const open = (name: string) => openStorage({ path: at(name) }, { sweepEveryMs: 0 })
const t = (object: string, subject: string) => ({ object, relation: 'member', subject })

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'kith-backup-'))
  original = await open('original')
  store = (await original.createStore('one')).id
  await original.commit(store, {
    model: { id: 'm1', json: { schema_version: '1.1', type_definitions: [] } },
    assertions: { model: 'm1', assertions: [{ expectation: true }] },
    putEntities: [{ type: 'user', id: 'ann', attributes: { name: 'Ann' } }],
    asides: [{ type: 'count', id: 'x', attributes: { n: 1 } }],
  })
  // A head that is spread, a subject that is spread, a condition, an expiry, something deleted again.
  await original.commit(store, {
    writes: Array.from({ length: 600 }, (_, i) => t('group:all', `user:some-long-name-${i}`)),
  })
  await original.commit(store, {
    writes: [
      ...Array.from({ length: 300 }, (_, i) => t(`group:${i}`, 'user:ann')),
      { ...t('group:late', 'user:bob'), condition: { name: 'late', context: { a: 1 } } },
      { ...t('group:late', 'user:cat'), expiresAt: 4_000_000_000_000 },
    ],
  })
  await original.commit(store, { deletes: [t('group:7', 'user:ann')] })
  const gone = (await original.createStore('gone')).id
  await original.commit(gone, { writes: [t('group:x', 'user:ann')] })
  await original.deleteStore(gone)
})
afterEach(async () => {
  await original.close()
  rmSync(root, { recursive: true, force: true })
})

async function taken(from: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of from) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** In pieces that fit no frame. */
async function* pieces(bytes: Buffer, size = 1013): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

async function stateOf(storage: LevelStorage): Promise<unknown> {
  const view = storage.view(store).pin()
  try {
    const { rows } = await view.tuples({}, 10_000)
    const subjects = ['user:ann', 'user:bob', 'user:cat', 'user:some-long-name-5']
    const placed: unknown[] = []
    for (const subject of subjects) for await (const page of view.placements(subject)) placed.push(...page)
    return {
      revision: view.revision,
      rows,
      placed,
      edges: ['group:all', 'group:late', 'group:7', 'group:8'].map((group) => view.edges(group, 'member')),
      changes: await view.changes(0, 100),
      models: await view.models(10),
      assertions: view.assertions('m1'),
      entities: await view.entities('user', 10),
      asides: (await view.asides('count', 10)).rows.map(({ attributes }) => attributes.n),
      stores: await storage.stores(10),
      journal: await storage.storeChanges(10),
    }
  } finally {
    view.release()
  }
}

test('what is restored is what was backed up, verified, with all that is derived rebuilt', async () => {
  const state = await stateOf(original)
  const bytes = await taken(original.backup())
  await original.commit(store, { writes: [t('group:after', 'user:ann')] })
  const restored = await restore(pieces(bytes), at('copy'))
  expect(restored).toMatchObject({ stores: 1, entries: 4, findings: [] })
  expect(await verify(at('copy'))).toMatchObject({ findingCount: 0, stores: 1, entries: 4 })
  const copy = await open('copy')
  try {
    expect(await stateOf(copy)).toEqual(state)
    expect((await copy.commit(store, { writes: [t('group:new', 'user:ann')] })).revision).toBe(5)
    expect(copy.store(store)).toEqual(original.store(store))
  } finally {
    await copy.close()
  }
  expect(await verify(at('copy'))).toMatchObject({ findingCount: 0 })
  expect(statSync(at('copy/secret')).mode & 0o777).toBe(0o600)
})

test('a backup is of one moment, whatever is written while it is taken', async () => {
  const backup = original.backup()
  const first = await backup.next()
  const { revision } = original.view(store)
  for (let i = 0; i < 5; i++) await original.commit(store, { writes: [t(`group:w${i}`, 'user:ann')] })
  await original.createStore('later')
  const rest = await taken(backup)
  const { entries, stores } = await restore(
    pieces(Buffer.concat([first.value ?? Buffer.alloc(0), rest])),
    at('copy'),
  )
  expect({ entries, stores }).toEqual({ entries: revision, stores: 1 })
})

test('zookies of before the backup stay right; those of after it are of a fork; page keys are new', async () => {
  const before = original.zookie(store, 3)
  const last = original.zookie(store, 4)
  const bytes = await taken(original.backup())
  const { revision } = await original.commit(store, { writes: [t('group:after', 'user:ann')] })
  const after = original.zookie(store, revision)
  const cursorKey = original.key('cursor')
  await restore(pieces(bytes), at('copy'))
  await original.close()
  original = await open('original')
  // The original goes on in an epoch of its own.
  await original.commit(store, { writes: [t('group:after', 'user:bob')] })
  const later = original.zookie(store, 4)
  const copy = await open('copy')
  try {
    const told = (zookie: string) => {
      try {
        return copy.revisionOf(store, zookie)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    for (const commits of [0, 2]) {
      for (let i = 0; i < commits; i++) await copy.commit(store, { writes: [t(`group:c${i}`, 'user:ann')] })
      expect([before, last, after, later, `${before}x`].map(told), `after ${commits} commits`).toEqual([
        3,
        4,
        'log_forked',
        'log_forked',
        'invalid_zookie',
      ])
    }
    expect(copy.key('cursor')).not.toEqual(cursorKey)
    expect(() => original.revisionOf(store, copy.zookie(store, 6))).toThrow(/zookie/)
  } finally {
    await copy.close()
  }
})

test('a backup that was cut, changed, joined or is something else is refused, and the folder is not served', async () => {
  const bytes = await taken(original.backup())
  const flipped = (position: number): Buffer => {
    const copy = Buffer.from(bytes)
    copy[position] = (copy[position] ?? 0) ^ 0x20
    return copy
  }
  const kinds: string[] = []
  for await (const { kind } of readFrames(pieces(bytes))) kinds.push(kind)
  expect(kinds).toEqual(['about', ...Array.from({ length: kinds.length - 2 }, () => 'rows'), 'end'])
  const cases: [string, Buffer, RegExp][] = [
    ['nothing', Buffer.alloc(0), /not a backup of Kith/],
    ['something else', Buffer.from('{"hello": "world"}'), /not a backup of Kith/],
    ['cut before the end', bytes.subarray(0, -1), /cut off: it has no end/],
    ['cut in the middle', bytes.subarray(0, bytes.length >> 1), /cut off|damaged in its part/],
    ['changed at the front', flipped(20), /damaged in its part 1/],
    ['changed in the rows', flipped(bytes.length >> 1), /damaged in its part/],
    ['changed in the last checksum', flipped(bytes.length - 3), /damaged in its part/],
    ['with something behind', Buffer.concat([bytes, Buffer.of(0)]), /something follows the end/],
  ]
  for (const [what, broken, message] of cases) {
    await expect(restore(pieces(broken), at('copy')), what).rejects.toThrow(message)
    await expect(open('copy'), what).rejects.toThrow(/a restore into it has not ended; run `kith restore/)
  }
  // Begun anew in the same place.
  await restore(pieces(bytes), at('copy'))
  await (await open('copy')).close()
})

test('a restore that is interrupted at any step leaves nothing that is served, and is begun anew', async () => {
  const bytes = await taken(original.backup())
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, bytes.length - 40)
    throw new Error('the cable was pulled')
  }
  await expect(restore(failing(), at('copy'))).rejects.toThrow('the cable was pulled')
  const progress = (step: unknown): void => {
    if (typeof step === 'string') throw new Error('out of memory')
  }
  await expect(restore(pieces(bytes), at('copy'), { progress })).rejects.toThrow('out of memory')
  await expect(open('copy')).rejects.toThrow('has not ended')
  await restore(pieces(bytes), at('copy'))
  expect(await verify(at('copy'))).toMatchObject({ findingCount: 0 })
  expect(existsSync(at('copy/scratch'))).toBe(false)
})

test('only into an empty folder', async () => {
  const bytes = await taken(original.backup())
  await expect(restore(pieces(bytes), at('original'))).rejects.toThrow(
    /is not empty .* restore into a new one/,
  )
  mkdirSync(at('mine'))
  writeFileSync(at('mine/letter'), 'dear')
  await expect(restore(pieces(bytes), at('mine'))).rejects.toThrow('is not empty (letter)')
  expect(readFileSync(at('mine/letter'), 'utf8')).toBe('dear')
  mkdirSync(at('empty'))
  chmodSync(at('empty'), 0o700)
  await restore(pieces(bytes), at('empty'))
})

test('a damaged log cannot be backed up; a damaged document is backed up and named', async () => {
  const folder = await openTestFolder('LevelDB')
  try {
    const { id } = await folder.storage.createStore('one')
    await folder.storage.commit(id, { putEntities: [{ type: 'user', id: 'ann', attributes: { a: 1 } }] })
    await folder.storage.commit(id, { writes: [t('group:a', 'user:ann')] })
    const plant = async (change: (batch: ReturnType<typeof folder.disk.batch>) => void): Promise<void> => {
      const batch = folder.disk.batch()
      change(batch)
      await batch.write()
    }
    await plant((batch) => batch.put(keys.entityKey(1, 'user', 'ann'), packDocument(1, '{"a":2}')))
    const { findings } = await restore(folder.storage.backup(), at('copy'))
    expect(findings).toEqual([`store ${id}: entity user:ann is not what the log says`])

    const entry = folder.disk.get(keys.changeKey(1, 1)) ?? Buffer.alloc(0)
    await plant((batch) => batch.put(keys.changeKey(1, 1), Buffer.concat([entry, Buffer.of(1)])))
    const chunks: Uint8Array[] = []
    const taking = async (): Promise<void> => {
      for await (const chunk of folder.storage.backup()) chunks.push(chunk)
    }
    await expect(taking()).rejects.toThrow(/log of store \w+ is damaged at revision 1; .*kith doctor/)
    await expect(restore(pieces(Buffer.concat(chunks)), at('other'))).rejects.toThrow(
      /the backup broke off: the log of store/,
    )
  } finally {
    await folder.remove()
  }
})

test('a backup that nobody reads to its end lets go of the state it held', async () => {
  let held = 0
  const folder = await openTestFolder('memory', {
    wrap: (disk) => ({
      ...disk,
      snapshot() {
        const snapshot = disk.snapshot()
        held++
        return {
          ...snapshot,
          close() {
            held--
            snapshot.close()
          },
        }
      },
    }),
  })
  try {
    await folder.storage.createStore('one')
    const before = held
    const backup = folder.storage.backup()
    await backup.next()
    expect(held).toBe(before + 1)
    await backup.return(undefined)
    expect(held).toBe(before)
  } finally {
    await folder.remove()
  }
})

test('a folder at rest', async () => {
  const state = await stateOf(original)
  await original.close()
  await restore(backupFolder(at('original')), at('copy'))
  original = await open('copy')
  expect(await stateOf(original)).toEqual(state)
})
