/** A batch that fails has an unknown outcome: nobody is told yes, and storage finds out before it goes on. */
import { expect, test } from 'vitest'
import type { Disk } from '../../src/storage/disk.ts'
import { kind } from '../../src/storage/keys.ts'
import { type Folder, type Medium, openTestFolder } from './folder.ts'

type Outcome = 'lost' | 'written'

/** What the disk does with its next batch, and with so many reopenings. */
interface Plan {
  next: Outcome | undefined
  refusals: number
  /** Its next batch is the next one with a row of this kind. */
  readonly of?: number
}

/** A disk whose next batch fails, with its rows on disk or not; reopening may be refused a few times. */
function failing(disk: Disk, plan: Plan): Disk {
  return {
    ...disk,
    batch() {
      const batch = disk.batch()
      let isNext = plan.of === undefined
      return {
        ...batch,
        put(key, value) {
          isNext ||= (typeof key === 'string' ? key.charCodeAt(0) : key[0]) === plan.of
          batch.put(key, value)
        },
        async write() {
          const next = isNext ? plan.next : undefined
          if (isNext) plan.next = undefined
          if (next !== 'lost') await batch.write()
          if (next !== undefined) throw new Error('EIO')
        },
      }
    },
    async reopen() {
      if (plan.refusals-- > 0) throw new Error('still broken')
      await disk.reopen()
    },
  }
}

async function open(medium: Medium, plan: Plan): Promise<Folder> {
  return openTestFolder(medium, { wrap: (disk) => failing(disk, plan) })
}

const member = (name: string) => ({ object: 'group:g', relation: 'member', subject: `user:${name}` })

test.each([
  ['memory', 'lost'],
  ['memory', 'written'],
  ['LevelDB', 'lost'],
  ['LevelDB', 'written'],
] as const)(
  '%s: a batch that fails and is %s (CVE-2025-64529: no write fails in silence)',
  async (medium, outcome) => {
    const plan: Plan = { next: undefined, refusals: 0 }
    const folder = await open(medium, plan)
    try {
      const { storage } = folder
      const { id } = await storage.createStore('one')
      await storage.commit(id, { writes: [member('ann')] })
      const heard: number[] = []
      storage.onApplied((_, entry) => heard.push(entry.revision))
      plan.next = outcome
      const group = await Promise.allSettled([
        storage.commit(id, { writes: [member('bob')] }),
        storage.commit(id, { writes: [member('cat')] }),
        // Refused because of a write whose own outcome is unknown: that refusal is unknown, too.
        storage.commit(id, { writes: [member('bob')] }),
      ])
      for (const one of group)
        expect(one).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
      await recovered(folder)
      const there = outcome === 'written' ? ['user:ann', 'user:bob', 'user:cat'] : ['user:ann']
      expect(storage.view(id).edges('group:g', 'member').plain).toEqual(there)
      expect(heard).toEqual(outcome === 'written' ? [2, 3] : [])
      const next = await storage.commit(id, { writes: [member('dan')] })
      expect(next.revision).toBe(outcome === 'written' ? 4 : 2)
      expect((await folder.verify()).findings).toEqual([])
    } finally {
      await folder.remove()
    }
  },
)

test('while the folder cannot be opened again, storage takes no writes and answers reads', async () => {
  const plan: Plan = { next: undefined, refusals: 1 }
  const folder = await open('LevelDB', plan)
  try {
    const { storage } = folder
    const { id } = await storage.createStore('one')
    await storage.commit(id, { writes: [member('zoe')] })
    plan.next = 'written'
    await expect(storage.commit(id, { writes: [member('ann')] })).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(storage.unready).toContain('a write failed')
    await expect(storage.commit(id, { writes: [member('ann')] })).rejects.toMatchObject({
      code: 'unavailable',
    })
    // The rows of the unknown write lie on the disk and are not shown.
    expect(storage.view(id).edges('group:g', 'member').plain).toEqual(['user:zoe'])
    await recovered(folder)
    expect(storage.view(id).edges('group:g', 'member').plain).toEqual(['user:ann', 'user:zoe'])
    await storage.commit(id, { writes: [member('bob')] })
  } finally {
    await folder.remove()
  }
})

test('a listener that throws is fatal, and nothing more is written', async () => {
  const fatal: unknown[] = []
  const folder = await openTestFolder('memory', { deps: { onFatal: (error) => fatal.push(error) } })
  try {
    const { storage } = folder
    const { id } = await storage.createStore('one')
    storage.onApplied(() => {
      throw new Error('a cache lost its way')
    })
    await storage.commit(id, { writes: [member('ann')] })
    expect(fatal).toHaveLength(1)
    expect(storage.unready).toBeDefined()
    await expect(storage.commit(id, { writes: [member('bob')] })).rejects.toMatchObject({
      code: 'unavailable',
    })
  } finally {
    await folder.remove()
  }
})

test('what was in the queue when a follower failed is not written', async () => {
  let handedOver = (): void => {}
  const wrap = (disk: Disk): Disk => ({
    ...disk,
    batch() {
      const batch = disk.batch()
      return {
        ...batch,
        write() {
          handedOver()
          return batch.write()
        },
      }
    },
  })
  const folder = await openTestFolder('memory', { deps: { onFatal: () => {} }, wrap })
  try {
    const { storage } = folder
    const { id } = await storage.createStore('one')
    let queued: Promise<unknown> = Promise.resolve()
    storage.onApplied(() => {
      queued = storage.commit(id, { writes: [member('bob')] }).catch((error: unknown) => error)
      throw new Error('a cache lost its way')
    })
    const isOnItsWay = new Promise<void>((resolve) => {
      handedOver = resolve
    })
    const first = storage.commit(id, { writes: [member('ann')] })
    await isOnItsWay
    const second = storage.commit(id, { writes: [member('cat')] })
    await first
    await expect(second).rejects.toMatchObject({ code: 'unavailable' })
    expect(await queued).toMatchObject({ code: 'unavailable' })
    expect(storage.view(id).revision).toBe(1)
  } finally {
    await folder.remove()
  }
})

test('a follower that fails while a write is being recovered is as fatal', async () => {
  const plan: Plan = { next: undefined, refusals: 0 }
  const fatal: unknown[] = []
  const folder = await openTestFolder('memory', {
    wrap: (disk) => failing(disk, plan),
    deps: { onFatal: (error) => fatal.push(error) },
  })
  try {
    const { storage } = folder
    const { id } = await storage.createStore('one')
    storage.onApplied(() => {
      throw new Error('a cache lost its way')
    })
    plan.next = 'written'
    await expect(storage.commit(id, { writes: [member('ann')] })).rejects.toMatchObject({
      code: 'unavailable',
    })
    while (fatal.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(fatal).toHaveLength(1)
    expect(storage.unready).toContain('follower')
  } finally {
    await folder.remove()
  }
})

test('a model that was lost with its batch is not remembered', async () => {
  const plan: Plan = { next: undefined, refusals: 0 }
  const folder = await open('memory', plan)
  try {
    const { storage } = folder
    const { id } = await storage.createStore('one')
    plan.next = 'lost'
    const seen: unknown[] = []
    await Promise.allSettled([
      storage.commit(id, { model: { id: 'lost', json: { schema_version: '1.1', type_definitions: [] } } }),
      storage.commit(id, (view) => {
        seen.push(view.model('lost')?.id)
        return { writes: [member('ann')] }
      }),
    ])
    expect(seen).toEqual(['lost'])
    await recovered(folder)
    await storage.commit(id, { writes: [member('ann')] })
    await storage.commit(id, { writes: [member('bob')] })
    expect(storage.view(id).model('lost')).toBeUndefined()
  } finally {
    await folder.remove()
  }
})

test.each(['lost', 'written'] as const)(
  'a batch that fails with the end of a purge and is %s stops nobody',
  { timeout: 60_000 },
  async (outcome) => {
    const plan: Plan = { next: undefined, refusals: 0, of: kind.store }
    const folder = await open('LevelDB', plan)
    try {
      const { storage } = folder
      const gone = await storage.createStore('gone')
      const { id } = await storage.createStore('one')
      await storage.commit(gone.id, { writes: [member('ann')] })
      await storage.deleteStore(gone.id)
      plan.next = outcome
      await storage.settled()
      expect(plan.next).toBeUndefined()
      await recovered(folder)
      const next = await storage.commit(id, { writes: [member('ann')] })
      expect(next.revision).toBe(1)
      expect((await folder.verify()).findings).toEqual([])
    } finally {
      await folder.remove()
    }
  },
)

/** Recovery runs by itself; each turn of the loop gives it one. */
async function recovered({ storage }: Folder): Promise<void> {
  while (storage.unready !== undefined) await new Promise((resolve) => setImmediate(resolve))
}
