/** What every storage must do, whatever lies under it. Called by test/storage/storage.test.ts for each medium. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ModelJson } from '../../src/model/json.ts'
import type { LevelStorage } from '../../src/storage/open.ts'
import type { Change, ChangeEntry, Decide, Page, View } from '../../src/storage/storage.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { type Folder, type Medium, openTestFolder } from '../storage/folder.ts'

export function storageSuite(medium: Medium): void {
  describe(medium, () => {
    let folder: Folder
    let storage: LevelStorage
    let store: string
    beforeEach(async () => {
      folder = await openTestFolder(medium)
      storage = folder.storage
      store = (await storage.createStore('one')).id
    })
    afterEach(() => folder.remove())

    const commit = (change: Change | Decide) => storage.commit(store, change)
    const view = (): View => storage.view(store)
    const write = (...writes: Tuple[]) => commit({ writes })
    const reopen = async (): Promise<void> => {
      storage = await folder.reopen()
    }
    const healthy = async (): Promise<void> => {
      const found = await folder.verify()
      storage = folder.storage
      expect(found.findings).toEqual([])
    }

    test('a tuple is seen from both ends, and after reopening', async () => {
      const made = await write(t('doc:1', 'viewer', 'user:ann'), t('doc:1', 'viewer', 'group:x#member'))
      expect(made).toMatchObject({ revision: 1, written: 2, deleted: 0 })
      for (const _ of ['at once', 'reopened']) {
        const edges = view().edges('doc:1', 'viewer')
        expect(edges).toEqual({ usersets: ['group:x#member'], plain: ['user:ann'], qualified: new Set() })
        expect(view().tuple('doc:1', 'viewer', 'user:ann')).toMatchObject({ revision: 1 })
        expect(view().tuple('doc:1', 'viewer', 'user:bob')).toBeUndefined()
        expect(view().reverse('group:x#member')).toEqual([
          { object: 'doc:1', relation: 'viewer', qualified: false },
        ])
        expect(view().reverse('user:bob')).toEqual([])
        await reopen()
      }
      await commit({ deletes: [t('doc:1', 'viewer', 'user:ann')] })
      expect(view().edges('doc:1', 'viewer').plain).toEqual([])
      expect(view().reverse('user:ann')).toEqual([])
      await healthy()
    })

    test.each([
      [
        'a written tuple',
        { writes: [t('doc:1', 'viewer', 'user:ann')] },
        'cannot write a tuple which already exists',
      ],
      [
        'an absent tuple',
        { deletes: [t('doc:1', 'viewer', 'user:bob')] },
        'cannot delete a tuple which does not exist',
      ],
    ])('%s is refused, and nothing of the commit stays', async (_, wrong, message) => {
      await write(t('doc:1', 'viewer', 'user:ann'))
      const change = { ...wrong, putEntities: [{ type: 'user', id: 'z', attributes: {} }] }
      const tail = ': tuple to be written already existed or the tuple to be deleted did not exist'
      const user = 'writes' in wrong ? 'ann' : 'bob'
      await expect(commit(change)).rejects.toMatchObject({
        code: 'write_failed_due_to_invalid_input',
        message: `${message}: user: 'user:${user}', relation: 'viewer', object: 'doc:1'${tail}`,
      })
      expect(view().entity('user', 'z')).toBeUndefined()
      expect(view().revision).toBe(1)
    })

    test('duplicates and absences are ignored on demand, without a revision', async () => {
      await write({
        ...t('doc:1', 'viewer', 'user:ann'),
        condition: { name: 'c', context: { a: [1, { b: null }] } },
      })
      const again = {
        ...t('doc:1', 'viewer', 'user:ann'),
        condition: { name: 'c', context: { a: [1, { b: null }] } },
      }
      const same = await commit({ writes: [again], onDuplicate: 'ignore' })
      expect(same).toMatchObject({ revision: 1, written: 0 })
      const absent = await commit({ deletes: [t('doc:2', 'viewer', 'user:ann')], onMissing: 'ignore' })
      expect(absent).toMatchObject({ revision: 1, deleted: 0 })
      for (const other of [
        t('doc:1', 'viewer', 'user:ann'),
        { ...again, condition: { name: 'd' } },
        { ...again, condition: { name: 'c', context: { a: 2 } } },
        { ...again, expiresAt: folder.hand.instant + 1 },
      ]) {
        await expect(commit({ writes: [other], onDuplicate: 'ignore' })).rejects.toMatchObject({
          code: 'Aborted',
          message: expect.stringContaining('already exists with a different condition'),
        })
      }
      expect(await view().changes(0, 10)).toHaveLength(1)
    })

    test('the log is read no further than there is enough', async () => {
      await commit({ writes: [t('doc:1', 'viewer', 'user:ann'), t('doc:2', 'viewer', 'user:ann')] })
      for (const id of [3, 4]) await write(t(`doc:${id}`, 'viewer', 'user:ann'))
      for (const [enough, found] of [
        [undefined, [1, 2, 3]],
        [{ tuples: 1, bytes: 1 << 20 }, [1]],
        [{ tuples: 2, bytes: 1 << 20 }, [1]],
        [{ tuples: 3, bytes: 1 << 20 }, [1, 2]],
        [{ tuples: 100, bytes: 1 << 20 }, [1, 2, 3]],
        [{ tuples: 100, bytes: 1 }, [1]],
      ] as const) {
        expect((await view().changes(0, 10, enough)).map(({ revision }) => revision)).toEqual(found)
      }
    })

    test('update replaces condition and expiry and clears what is not given', async () => {
      const at = folder.hand.instant + 1000
      await write({ ...t('doc:1', 'viewer', 'user:ann'), condition: { name: 'c' }, expiresAt: at })
      expect(view().edges('doc:1', 'viewer').qualified).toEqual(new Set(['user:ann']))
      expect(
        await commit({ writes: [t('doc:1', 'viewer', 'user:ann')], onDuplicate: 'update' }),
      ).toMatchObject({
        revision: 2,
        written: 1,
      })
      expect(view().edges('doc:1', 'viewer').qualified).toEqual(new Set())
      expect(view().tuple('doc:1', 'viewer', 'user:ann')).not.toHaveProperty('expiresAt')
      expect(operations(await view().changes(1, 1))).toEqual(['delete user:ann', 'write user:ann'])
      folder.hand.instant = at
      expect(await storage.sweep()).toBe(0)
      await healthy()
    })

    test('deletes precede writes; a tuple that goes and comes back does neither', async () => {
      await write(t('group:g', 'member', 'user:ann'), t('group:g', 'member', 'user:bob'))
      const replaced = await commit({
        deleteWhere: [{ object: 'group:g' }],
        writes: [t('group:g', 'member', 'user:ann'), t('group:g', 'member', 'user:cat')],
        onDuplicate: 'ignore',
      })
      expect(replaced).toMatchObject({ revision: 2, written: 1, deleted: 1 })
      expect(operations(await view().changes(1, 1))).toEqual(['delete user:bob', 'write user:cat'])
      expect(view().edges('group:g', 'member').plain).toEqual(['user:ann', 'user:cat'])
    })

    test('the same key twice in one commit', async () => {
      const [one, other] = [
        t('doc:1', 'viewer', 'user:ann'),
        { ...t('doc:1', 'viewer', 'user:ann'), condition: { name: 'c' } },
      ]
      const twice = { code: 'cannot_allow_duplicate_tuples_in_one_request' }
      await expect(commit({ writes: [one, one] })).rejects.toMatchObject(twice)
      await expect(commit({ writes: [one, other], onDuplicate: 'ignore' })).rejects.toMatchObject({
        code: 'Aborted',
      })
      expect(await commit({ writes: [one, one], onDuplicate: 'ignore' })).toMatchObject({ written: 1 })
      expect(await commit({ writes: [other, one, other], onDuplicate: 'update' })).toMatchObject({
        written: 1,
      })
      expect(view().tuple('doc:1', 'viewer', 'user:ann')?.condition).toEqual({ name: 'c' })
      await expect(commit({ deletes: [one, one] })).rejects.toMatchObject(twice)
      expect(await commit({ deletes: [one, one], onMissing: 'ignore' })).toMatchObject({ deleted: 1 })
      await healthy()
    })

    test('an expired tuple is absent for all but edges, may be written over, and is swept', async () => {
      const at = folder.hand.instant + 1000
      const [ann, bob] = [t('doc:1', 'viewer', 'user:ann'), t('doc:2', 'viewer', 'user:bob')]
      await write({ ...ann, expiresAt: at }, { ...bob, expiresAt: at })
      expect(view().tuple('doc:1', 'viewer', 'user:ann')).toBeDefined()
      folder.hand.instant = at
      expect(view().tuple('doc:1', 'viewer', 'user:ann')).toBeUndefined()
      expect(view().edges('doc:1', 'viewer').qualified).toEqual(new Set(['user:ann']))
      expect((await view().tuples({}, 10)).rows).toEqual([])
      expect((await view().objects('doc', 10)).rows).toEqual([])
      await expect(commit({ deletes: [ann] })).rejects.toMatchObject({
        code: 'write_failed_due_to_invalid_input',
      })
      await write(ann)
      expect(operations(await view().changes(1, 1))).toEqual(['delete user:ann', 'write user:ann'])
      expect(await storage.sweep()).toBe(1)
      expect(operations(await view().changes(2, 1))).toEqual(['delete user:bob'])
      expect(view().reverse('user:bob')).toEqual([])
      expect(view().tuple('doc:1', 'viewer', 'user:ann')).toBeDefined()
      expect(await storage.sweep()).toBe(0)
      await healthy()
    })

    test('commits of one group see each other, keep their outcomes, and have their own revisions', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 60 }, (_, i) =>
          commit((seen) => {
            if (i === 7) throw new Error('no')
            expect(seen.edges('doc:1', 'viewer').plain).toHaveLength(Math.min(i < 7 ? i : i - 1, 19))
            return { writes: [t('doc:1', 'viewer', `user:${i % 20}`)] }
          }),
        ),
      )
      const done = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.revision] : []))
      // User 7 comes with the 27th, as its first attempt was refused.
      expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
      expect((await view().changes(0, 100)).map((entry) => entry.revision)).toEqual(done)
      await healthy()
    })

    test('who decides a change may await, reads what is staged by filter, and sees nothing of the refused', async () => {
      await write(t('doc:1', 'viewer', 'user:a'), t('doc:1', 'viewer', 'user:c'))
      const first = commit({
        writes: [t('doc:1', 'viewer', 'user:b')],
        deletes: [t('doc:1', 'viewer', 'user:c')],
      })
      const second = commit({ writes: [t('doc:1', 'viewer', 'user:d'), t('doc:1', 'viewer', 'user:b')] })
      const seen: string[][] = []
      const third = commit(async (at) => {
        await Promise.resolve()
        seen.push((await at.tuples({ object: 'doc:1' }, 10)).rows.map((row) => row.subject))
        seen.push((await at.tuples({ subject: 'user:b' }, 10)).rows.map((row) => row.object))
        seen.push([...(await at.objects('doc', 10)).rows])
        expect(at.revision).toBe(2)
        return {}
      })
      await first
      await expect(second).rejects.toMatchObject({ code: 'write_failed_due_to_invalid_input' })
      expect(await third).toMatchObject({ revision: 2 })
      expect(seen).toEqual([['user:a', 'user:b'], ['doc:1'], ['doc:1']])
    })

    test('listeners hear each entry once, in order, when it is visible and before its commit resolves', async () => {
      const heard: [string, number, number][] = []
      const stop = storage.onApplied((of, entry) =>
        heard.push([of, entry.revision, storage.view(of).revision]),
      )
      const other = (await storage.createStore('two')).id
      await Promise.all([
        ...Array.from({ length: 5 }, (_, i) => write(t('doc:1', 'viewer', `user:${i}`))),
        storage.commit(other, { writes: [t('doc:1', 'viewer', 'user:ann')] }).then(() => {
          expect(heard.some(([of]) => of === other)).toBe(true)
        }),
      ])
      const mine = heard.filter(([of]) => of === store)
      expect(mine.map(([, revision]) => revision)).toEqual([1, 2, 3, 4, 5])
      for (const [, revision, visible] of mine) expect(visible).toBeGreaterThanOrEqual(revision)
      stop()
      await write(t('doc:1', 'viewer', 'user:last'))
      expect(heard).toHaveLength(6)
    })

    test('a pinned view stays as it was; an unpinned one is refused once the state moved on', async () => {
      await write(t('doc:1', 'viewer', 'user:ann'))
      const loose = view()
      const pinned = view().pin()
      const again = pinned.pin()
      await write(t('doc:1', 'viewer', 'user:bob'))
      expect(() => loose.edges('doc:1', 'viewer')).toThrow(/after its turn/)
      pinned.release()
      expect(() => pinned.edges('doc:1', 'viewer')).toThrow(/release/)
      expect(again.revision).toBe(1)
      expect(again.edges('doc:1', 'viewer').plain).toEqual(['user:ann'])
      expect((await again.tuples({}, 10)).rows).toHaveLength(1)
      expect(await again.changes(0, 10)).toHaveLength(1)
      again.release()
    })

    test('filters and pages give every tuple once, in key order', async () => {
      const tuples = [
        ...['a', 'b', 'b-1', 'é', 'e\u0301', '*x'].flatMap((id) => [
          t(`doc:${id}`, 'viewer', 'user:ann'),
          t(`doc:${id}`, 'editor', `user:${id}`),
          t(`doc:${id}`, 'viewer', 'group:g#member'),
        ]),
        t('doc-2:a', 'viewer', 'user:ann'),
        t('folder:a', 'viewer', 'user:*'),
      ]
      await write(...tuples)
      const all = await pages((after) => view().tuples({}, 3, after))
      expect(all.map(printed).sort()).toEqual(tuples.map(printed).sort())
      for (const filter of [
        { type: 'doc' },
        { type: 'doc', relation: 'viewer' },
        { type: 'doc', subject: 'user:ann' },
        { relation: 'viewer', subject: 'user:ann' },
        { subject: 'group:g#member' },
        { object: 'doc:b' },
        { object: 'doc:b', relation: 'viewer' },
        { object: 'doc:b', subject: 'user:ann' },
        { object: 'doc:b', relation: 'viewer', subject: 'user:ann' },
        { type: 'nothing' },
      ]) {
        const right = all.filter(
          (one) =>
            (filter.type === undefined || one.object.startsWith(`${filter.type}:`)) &&
            (filter.object ?? one.object) === one.object &&
            (filter.relation ?? one.relation) === one.relation &&
            (filter.subject ?? one.subject) === one.subject,
        )
        expect(await pages((after) => view().tuples(filter, 2, after)), JSON.stringify(filter)).toEqual(right)
      }
      const docs = await pages((after) => view().objects('doc', 2, after))
      expect(docs).toEqual(['doc:*x', 'doc:a', 'doc:b', 'doc:b-1', 'doc:e\u0301', 'doc:é'])
      await healthy()
    })

    test('a group grows past the inline bound, and beyond 65,536 members', async () => {
      const member = (i: number): Tuple => t('group:all', 'member', `user:${String(i).padStart(6, '0')}`)
      const add = async (from: number, to: number): Promise<void> => {
        for (let i = from; i < to; i += 5000) {
          await write(...Array.from({ length: Math.min(5000, to - i) }, (_, k) => member(i + k)))
        }
      }
      await add(0, 100)
      expect(view().edges('group:all', 'member').plain).toHaveLength(100)
      await add(100, 65_535)
      expect(view().edges('group:all', 'member').plain).toBeUndefined()
      for (const size of [65_535, 65_536, 66_000]) {
        await add(view().revision === 0 ? 0 : await membersOf(view()), size)
        expect(await membersOf(view())).toBe(size)
        expect(view().tuple('group:all', 'member', member(size - 1).subject)).toBeDefined()
        expect(view().tuple('group:all', 'member', member(size).subject)).toBeUndefined()
      }
      const wiped = await commit({ deleteWhere: [{ object: 'group:all' }] })
      expect(wiped).toMatchObject({ deleted: 66_000, written: 0 })
      expect((await view().changes(wiped.revision - 1, 10))[0]?.tuples).toHaveLength(66_000)
      expect(await membersOf(view())).toBe(0)
      expect(view().reverse(member(1).subject)).toEqual([])
    })

    test('usersets stay listed, on pages beyond the bound, and the pages go when they are empty', async () => {
      const sets = Array.from({ length: 3000 }, (_, i) => `group:${(i * 7919) % 3000}#member`)
      for (let i = 0; i < sets.length; i += 500) {
        await write(...sets.slice(i, i + 500).map((set) => t('doc:1', 'viewer', set)))
      }
      await write({ ...t('doc:1', 'viewer', 'group:5000#member'), condition: { name: 'c' } })
      const sorted = [...sets, 'group:5000#member'].sort()
      expect(view().edges('doc:1', 'viewer').usersets).toEqual(sorted)
      expect(view().edges('doc:1', 'viewer').qualified).toEqual(new Set(['group:5000#member']))
      await healthy()
      await commit({ deletes: sorted.slice(0, 2990).map((set) => t('doc:1', 'viewer', set)) })
      expect(view().edges('doc:1', 'viewer').usersets).toEqual(sorted.slice(2990))
      await write(t('doc:1', 'viewer', 'group:0#member'))
      expect(view().edges('doc:1', 'viewer').usersets).toEqual(['group:0#member', ...sorted.slice(2990)])
      await healthy()
    })

    test('the individuals of a type, in order, from any of them on', async () => {
      await write(
        ...['b', 'a', 'b-1', 'é', '**'].map((id) => t('doc:1', 'viewer', `user:${id}`)),
        ...['user:*', 'user:a#friend', 'user2:a', 'group:g#member'].map((one) => t('doc:1', 'viewer', one)),
      )
      const preview = await storage.preview(store, { writes: [t('doc:1', 'viewer', 'user:c')] })
      const named = async (seen: View, after?: string) => {
        const found: string[] = []
        for await (const page of seen.subjects('user', after)) found.push(...page)
        return found
      }
      const names = ['user:**', 'user:a', 'user:b', 'user:b-1', 'user:é']
      expect(await named(preview.before)).toEqual(names)
      expect(await named(preview.before, 'user:b')).toEqual(names.slice(3))
      expect(await named(preview.before, 'group:z')).toEqual(names)
      expect([await named(preview.after, 'group:z'), await named(preview.before, 'users:a')]).toEqual([
        [...names.slice(0, 4), 'user:c', 'user:é'],
        [],
      ])
      expect(await named(preview.after, 'user:ab')).toEqual(['user:b', 'user:b-1', 'user:c', 'user:é'])
      preview.release()
      await commit({ deletes: [t('doc:1', 'viewer', 'user:a')] })
      expect(await named(view())).toEqual(names.filter((name) => name !== 'user:a'))
    })

    test('a subject with many placements is spread, and found by filter', async () => {
      const placed = Array.from({ length: 700 }, (_, i) => t(`doc:${i}`, 'viewer', 'user:ann'))
      for (let i = 0; i < placed.length; i += 50) await write(...placed.slice(i, i + 50))
      expect(view().reverse('user:ann')).toBeUndefined()
      const found: string[] = []
      for await (const some of view().placements('user:ann')) found.push(...some.map((one) => one.object))
      expect(found).toEqual(placed.map((one) => one.object).sort())
      expect(
        await pages((after) => view().tuples({ type: 'doc', subject: 'user:ann' }, 100, after)),
      ).toHaveLength(700)
      await commit({ deletes: placed.slice(0, 699) })
      expect(await pages((after) => view().tuples({ subject: 'user:ann' }, 100, after))).toHaveLength(1)
      await healthy()
    })

    test.each([0, 300])(
      'placements beside %i others say whether their tuples are qualified',
      async (others) => {
        const beside = Array.from({ length: others }, (_, i) => t(`folder:${i}`, 'viewer', 'user:ann'))
        if (others > 0) await write(...beside)
        const key = t('doc:1', 'viewer', 'user:ann')
        const conditional = { ...key, condition: { name: 'c' } }
        const qualified = async (): Promise<boolean[]> => {
          const found: boolean[] = []
          for await (const page of view().placements('user:ann')) {
            found.push(...page.filter(({ object }) => object === 'doc:1').map((one) => one.qualified))
            if (page.some((one) => one.object !== 'doc:1' && one.qualified))
              throw new Error('a bystander changed')
          }
          const listed = view()
            .reverse('user:ann')
            ?.filter(({ object }) => object === 'doc:1')
          if (others === 0) expect(listed?.map((one) => one.qualified)).toEqual(found)
          else expect(listed).toBeUndefined()
          return found
        }
        const update = (tuple: Tuple): Change => ({ writes: [tuple], onDuplicate: 'update' })
        const steps: [Change[], boolean[]][] = [
          [[{ writes: [key] }], [false]],
          [[update(conditional)], [true]],
          [[update(key)], [false]],
          [[update({ ...key, expiresAt: folder.hand.instant + 9 })], [true]],
          [[update(key)], [false]],
          [[{ deletes: [key], ...update(conditional) }], [true]],
          [[{ deletes: [key], ...update(key) }], [false]],
          // Commits of one group.
          [[update(conditional), update(key), update(conditional)], [true]],
          [[{ deletes: [key] }, { writes: [key] }], [false]],
          [[update(conditional), { deletes: [key] }], []],
          [[{ writes: [conditional] }, update(key)], [false]],
          [[update({ ...key, expiresAt: folder.hand.instant + 9 })], [true]],
        ]
        for (const [changes, right] of steps) {
          await Promise.all(changes.map(commit))
          expect(await qualified()).toEqual(right)
        }
        folder.hand.instant += 9
        expect(await qualified()).toEqual([true])
        await write(key)
        expect(await qualified()).toEqual([false])
        await commit(update({ ...key, expiresAt: folder.hand.instant + 9 }))
        folder.hand.instant += 9
        await storage.sweep()
        expect(await qualified()).toEqual([])
        await write(conditional)
        await reopen()
        expect(await qualified()).toEqual([true])
        await healthy()
      },
    )

    test('a list of placements that is spread out keeps what it says of them', async () => {
      const placed = Array.from({ length: 300 }, (_, i) => ({
        ...t(`doc:${i}`, 'viewer', 'user:ann'),
        ...(i % 3 === 0 ? { condition: { name: 'c' } } : {}),
      }))
      const told: boolean[] = []
      for (let i = 0; i < placed.length; i += 50) {
        await write(...placed.slice(i, i + 50))
        const found: string[] = []
        for await (const page of view().placements('user:ann')) {
          found.push(...page.flatMap((one) => (one.qualified ? [one.object] : [])))
        }
        const right = placed.slice(0, i + 50).flatMap((one) => ('condition' in one ? [one.object] : []))
        expect(found).toEqual(right.sort())
        told.push(view().reverse('user:ann') === undefined)
      }
      expect(new Set(told)).toEqual(new Set([false, true]))
      await healthy()
    })

    test('a relation that becomes a tupleset is laid on pages, while writes go on', async () => {
      const parent = (i: number): Tuple => t('doc:1', 'parent', `folder:${String(i).padStart(5, '0')}`)
      for (let i = 0; i < 5000; i += 1000) {
        await write(...Array.from({ length: 1000 }, (_, k) => parent(i + k)))
      }
      expect(view().edges('doc:1', 'parent').plain).toBeUndefined()
      const late = [parent(-1), parent(2500.5), parent(99_999)]
      await Promise.all([
        commit({ model: { id: 'm1', json: fromParent } }),
        ...late.map((one) => write(one)),
        commit({ deletes: [parent(0), parent(4999)] }),
      ])
      await storage.settled()
      const right = [...Array.from({ length: 4998 }, (_, i) => parent(i + 1)), ...late]
        .map((one) => one.subject)
        .sort()
      expect(view().edges('doc:1', 'parent').plain).toEqual(right)
      expect(view().revision).toBe(10)
      await write(parent(100_000))
      expect(view().edges('doc:1', 'parent').plain).toHaveLength(5002)
      const fresh = Array.from({ length: 300 }, (_, i) => t('doc:2', 'parent', `folder:${i}`))
      await write(...fresh)
      expect(view().edges('doc:2', 'parent').plain).toHaveLength(300)
      await healthy()
    })

    test('models: the latest is the one of the greatest revision, pages are newest first', async () => {
      for (const id of ['m3', 'm1', 'm2']) await commit({ model: { id, json: fromParent } })
      for (const _ of ['at once', 'reopened']) {
        expect(view().latestModel()).toMatchObject({ id: 'm2', revision: 3 })
        expect(view().model('m1')).toEqual({ id: 'm1', revision: 2, json: fromParent })
        expect(view().model('m9')).toBeUndefined()
        const all = await pages((after) => view().models(2, after))
        expect(all.map((model) => model.id)).toEqual(['m2', 'm1', 'm3'])
        await reopen()
      }
    })

    test('entities and assertions come back exactly, and only changes are revisions', async () => {
      const attributes = JSON.parse('{"__proto__":{"a":1},"n":-0.5,"s":"\\ud800","deep":[[{}]]}')
      await commit({
        putEntities: [{ type: 'user', id: 'a/b', attributes }],
        assertions: { model: 'm', assertions: [{ x: 1 }] },
      })
      expect(view().entity('user', 'a/b')).toEqual({ type: 'user', id: 'a/b', attributes, revision: 1 })
      expect(view().assertions('m')).toEqual({ model: 'm', assertions: [{ x: 1 }] })
      const same = await commit({
        putEntities: [{ type: 'user', id: 'a/b', attributes }],
        deleteEntities: [{ type: 'user', id: 'no' }],
      })
      expect(same.revision).toBe(1)
      // The fields in another order are the same; other values as long as these are not.
      const reordered = Object.fromEntries(Object.entries(attributes).reverse())
      const others = [{ ...reordered, n: -0.4 }, attributes]
      for (const [revision, each] of [
        [1, reordered] as const,
        [2, others[0]] as const,
        [3, others[1]] as const,
      ]) {
        const put = await commit({ putEntities: [{ type: 'user', id: 'a/b', attributes: each }] })
        expect(put.revision).toBe(revision)
      }
      await commit({ putEntities: ['c', 'a', 'é', 'b'].map((id) => ({ type: 'user', id, attributes: {} })) })
      const all = await pages((after) => view().entities('user', 2, after))
      expect(all.map((one) => one.id)).toEqual(['a', 'a/b', 'b', 'c', 'é'])
      expect((await whole(view().allEntities('user'))).map(({ id }) => id)).toEqual(all.map(({ id }) => id))
      await commit({ deleteEntities: [{ type: 'user', id: 'a' }] })
      expect(await view().changes(4, 1)).toMatchObject([
        { entities: [{ operation: 'delete', entity: 'user:a' }] },
      ])
      await healthy()
    })

    test('all entities of a type are those that its pages have, as of when they were asked for', async () => {
      const ids = [
        'a',
        'b\0',
        'b\0\ufffd',
        '\ufffd',
        '\u{1f600}',
        ...Array.from({ length: 1_100 }, (_, i) => `${i}`),
      ]
      const odd = JSON.parse('{"":"{\\"a\\":1}","{":{"__proto__":[]},"s":"\\ud800"}')
      const rows = ids.map((id) => ({ type: 'user', id, attributes: { id, odd } }))
      await commit({
        putEntities: [
          ...rows,
          { type: 'use', id: 'r', attributes: {} },
          { type: 'users', id: 'x', attributes: {} },
        ],
      })
      const paged = (await pages((after) => view().entities('user', 300, after))).map(
        ({ id, attributes }) => ({ id, attributes }),
      )
      expect(paged).toHaveLength(ids.length)
      const pin = view().pin()
      const asked = view().allEntities('user')[Symbol.asyncIterator]()
      const first = await asked.next()
      await commit({ deleteEntities: rows.map(({ type, id }) => ({ type, id })) })
      expect(await whole(pin.allEntities('user'))).toEqual(paged)
      const rest = await whole({ [Symbol.asyncIterator]: () => asked })
      expect([...(first.value ?? []), ...rest]).toEqual(paged)
      pin.release()
      expect(await whole(view().allEntities('user'))).toEqual([])
      for await (const slice of view().allEntities('use')) {
        expect(slice).toEqual([{ id: 'r', attributes: {} }])
        break
      }
      await healthy()
    })

    test('documents beside the log are durable, listed, judged within their group, and no revision', async () => {
      await write(t('doc:1', 'viewer', 'user:ann'))
      const told: unknown[] = []
      const stop = storage.onApplied((_, entry) => told.push(entry))
      const attributes = JSON.parse('{"__proto__":{"a":1},"s":"\\ud800","n":[1,2]}')
      const alone = await commit({ asides: [{ type: 'count', id: '2026/a', attributes }] })
      expect(alone).toMatchObject({ revision: 1, written: 0 })
      const pin = view().pin()
      // Each reads what the one before it left, in whatever groups they land.
      const add = () =>
        commit((at: View) => ({
          asides: [{ type: 'count', id: 'n', attributes: { n: Number(at.aside('count', 'n')?.n ?? 0) + 1 } }],
        }))
      await Promise.all(Array.from({ length: 50 }, add))
      expect(pin.aside('count', 'n')).toBeUndefined()
      pin.release()
      expect(told).toEqual([])
      stop()
      await commit({
        asides: ['c', 'é', 'b'].map((id) => ({ type: 'count', id: `2026/${id}`, attributes: { id } })),
      })
      for (const _ of ['at once', 'reopened']) {
        expect(view().revision).toBe(1)
        expect(view().aside('count', 'n')).toEqual({ n: 50 })
        expect(view().aside('count', '2026/a')).toEqual(attributes)
        expect(view().entity('count', 'n')).toBeUndefined()
        const all = await pages((after) => view().asides('count', 2, after, '2026/'))
        expect(all.map(({ id }) => id)).toEqual(['2026/a', '2026/b', '2026/c', '2026/é'])
        await reopen()
      }
      const both = await commit({
        writes: [t('doc:2', 'viewer', 'user:ann')],
        asides: [{ type: 'count', id: 'n', attributes: undefined }],
      })
      expect(both.revision).toBe(2)
      expect(view().aside('count', 'n')).toBeUndefined()
      const refused = commit({
        deletes: [t('doc:9', 'viewer', 'user:ann')],
        asides: [{ type: 'count', id: '2026/a', attributes: undefined }],
      })
      await expect(refused).rejects.toMatchObject({ code: 'write_failed_due_to_invalid_input' })
      expect(view().aside('count', '2026/a')).toEqual(attributes)
      await healthy()
    })

    test('a commit may give its store another name: both or neither, and noted once', async () => {
      const [provenance, name] = [{ actor: 'user:ann' }, 'ONE']
      const { revision } = await commit({ writes: [t('doc:1', 'viewer', 'user:ann')], name, provenance })
      expect(storage.store(store)?.name).toBe('ONE')
      const journal = async () => (await storage.storeChanges(100)).rows.filter((row) => row.store === store)
      expect((await journal()).at(-1)).toMatchObject({ operation: 'rename', name, provenance })
      const refused = commit({ deletes: [t('doc:9', 'viewer', 'user:ann')], name: 'NO' })
      await expect(refused).rejects.toMatchObject({ code: 'write_failed_due_to_invalid_input' })
      const preview = await storage.preview(store, () => ({ name: 'NEVER' }))
      preview.release()
      expect([storage.store(store)?.name, (await journal()).length]).toEqual(['ONE', 2])
      expect(await storage.commit(store, () => ({ name: 'TWO' }))).toMatchObject({ revision })
      expect([storage.store(store)?.name, (await journal()).length]).toEqual(['TWO', 3])
      await healthy()
    })

    test('stores are apart, listed by id, renamed, deleted at once and purged', async () => {
      const other = (await storage.createStore('two')).id
      await write(t('doc:1', 'viewer', 'user:ann'))
      expect(storage.view(other).edges('doc:1', 'viewer').plain).toEqual([])
      await storage.renameStore(other, 'TWO')
      expect((await storage.stores(10, undefined, { name: 'TWO' })).rows.map((one) => one.id)).toEqual([
        other,
      ])
      expect((await storage.stores(10, undefined, { name: 'two' })).rows).toEqual([])
      const first = await storage.stores(1)
      expect(first.rows.map((one) => one.id)).toEqual([store])
      expect((await storage.stores(1, String(first.next))).rows.map((one) => one.id)).toEqual([other])
      await write({ ...t('doc:2', 'viewer', 'user:ann'), expiresAt: folder.hand.instant + 5 })
      await commit({ asides: [{ type: 'count', id: 'n', attributes: {} }] })
      const gone = storage.deleteStore(store)
      await gone
      await storage.deleteStore(store)
      for (const _ of ['at once', 'reopened']) {
        expect(() => storage.view(store)).toThrow('Store ID not found')
        await expect(commit({})).rejects.toMatchObject({ code: 'store_id_not_found' })
        expect(storage.store(store)).toBeUndefined()
        await storage.settled()
        await reopen()
      }
      await expect(storage.createStore('again', store)).rejects.toMatchObject({ code: 'precondition_failed' })
      const rows: string[] = []
      for await (const entries of folder.disk.scan({ gte: Buffer.of(0), lt: Buffer.of(255) }, 100)) {
        rows.push(...entries.map(([key]) => key.toString('latin1', 0, 1)))
      }
      // What is left: format, epochs, sequence, the journal, the two store records; the other store has no row of its own.
      expect(rows.filter((row) => !'!#JPS'.includes(row))).toEqual([])
      const later = await storage.createStore('three')
      expect([store, other, later.id].sort()).toEqual([store, other, later.id])
    })

    test('who made a change is in the log as it was told, and of a tuple who wrote it last', async () => {
      const whole = { caller: 'key:one', actor: 'user:ann', source: 'api', requestId: 'r1' }
      const told = [
        whole,
        { source: 'import' },
        { requestId: 'r2' },
        { actor: 'user:ann' },
        { caller: 'x' },
        undefined,
      ]
      for (const [i, provenance] of told.entries()) {
        const by = provenance === undefined ? {} : { provenance }
        await commit({ writes: [t('doc:1', 'viewer', `user:${i}`)], ...by })
      }
      const model: ModelJson = { schema_version: '1.1', type_definitions: [] }
      await commit({ model: { id: 'm', json: model }, provenance: whole })
      await commit({ assertions: { model: 'm', assertions: [] }, provenance: whole })
      for (const _ of ['at once', 'reopened']) {
        const entries = await view().changes(0, 100)
        expect(entries.map((entry) => entry.provenance)).toEqual([...told, whole, whole])
        const rows = told.map((_, i) => view().tuple('doc:1', 'viewer', `user:${i}`)?.provenance)
        const kept = { caller: 'key:one', source: 'api' }
        expect(rows).toEqual([kept, { source: 'import' }, undefined, undefined, { caller: 'x' }, undefined])
        await reopen()
      }
      await healthy()
    })

    test('what happened to stores is kept in order, with who did it, and when they are gone', async () => {
      const by = { caller: 'key:one', actor: 'user:ann', source: 'api', requestId: 'r1' }
      const { id } = await storage.createStore('two', undefined, by)
      folder.hand.instant += 5
      await storage.renameStore(id, 'TWO', { source: 'api' })
      await storage.deleteStore(id, by)
      await storage.deleteStore(id, { source: 'again' })
      const other = await storage.createStore('three')
      await expect(storage.createStore('again', id, by)).rejects.toMatchObject({
        code: 'precondition_failed',
      })
      const at = folder.hand.instant
      for (const _ of ['at once', 'reopened']) {
        await storage.settled()
        const rows = await pages((after) => storage.storeChanges(2, after))
        expect(rows).toEqual([
          { operation: 'create', store, name: 'one', timestamp: at - 5 },
          { operation: 'create', store: id, name: 'two', timestamp: at - 5, provenance: by },
          { operation: 'rename', store: id, name: 'TWO', timestamp: at, provenance: { source: 'api' } },
          { operation: 'delete', store: id, name: 'TWO', timestamp: at, provenance: by },
          { operation: 'create', store: other.id, name: 'three', timestamp: at },
        ])
        await reopen()
      }
      const last = await storage.createStore('four')
      const rows = await pages((after) => storage.storeChanges(100, after))
      expect([rows.length, rows.at(-1)?.store]).toEqual([6, last.id])
    })

    test('many stores made at once have rows of their own', async () => {
      const made = await Promise.all(Array.from({ length: 20 }, (_, i) => storage.createStore(`s${i}`)))
      await Promise.all(
        made.map(({ id }, i) => storage.commit(id, { writes: [t('doc:1', 'viewer', `user:${i}`)] })),
      )
      made.forEach(({ id }, i) => {
        expect(storage.view(id).edges('doc:1', 'viewer').plain).toEqual([`user:${i}`])
      })
    })

    test('a store comes with its first commit, or not at all', async () => {
      const by = { source: 'api' }
      const { id } = await storage.createStore('two', undefined, by, (made) => ({
        writes: [t('doc:1', 'viewer', `user:${made}`)],
        putEntities: [{ type: 'user', id: 'ann', attributes: { name: 'Ann' } }],
        provenance: by,
      }))
      const wrong = t('doc:1', 'viewer', 'user:ann')
      const refused = storage.createStore('three', undefined, by, () => ({ writes: [wrong, wrong] }))
      await expect(refused).rejects.toMatchObject({ code: 'cannot_allow_duplicate_tuples_in_one_request' })
      for (const _ of ['at once', 'reopened']) {
        expect(storage.view(id)).toMatchObject({ revision: 1 })
        expect(storage.view(id).edges('doc:1', 'viewer').plain).toEqual([`user:${id}`])
        expect(storage.view(id).entity('user', 'ann')?.attributes).toEqual({ name: 'Ann' })
        expect((await storage.stores(10)).rows.map((one) => one.name)).toEqual(['one', 'two'])
        await reopen()
      }
      await healthy()
    })

    test('a preview shows both sides of a commit, refuses as that would, and writes nothing', async () => {
      await write(t('doc:1', 'viewer', 'user:ann'))
      const preview = await storage.preview(store, (seen) => ({
        deleteWhere: [{ subject: 'user:ann' }],
        writes: [t('doc:1', 'viewer', `user:${seen.revision}`)],
        putEntities: [{ type: 'user', id: 'ann', attributes: {} }],
      }))
      // What is committed meanwhile is on neither side.
      await write(t('doc:1', 'viewer', 'user:late'))
      const { before, after, entry } = preview
      expect([before.edges('doc:1', 'viewer').plain, after.edges('doc:1', 'viewer').plain]).toEqual([
        ['user:ann'],
        ['user:1'],
      ])
      expect([before.entity('user', 'ann'), after.entity('user', 'ann')?.revision]).toEqual([undefined, 2])
      expect((await after.tuples({ object: 'doc:1' }, 9)).rows.map((row) => row.subject)).toEqual(['user:1'])
      expect([before.revision, after.revision, entry?.revision]).toEqual([1, 2, 2])
      expect(entry?.tuples.map(({ operation }) => operation)).toEqual(['delete', 'write'])
      preview.release()
      const again = storage.preview(store, { writes: [t('doc:1', 'viewer', 'user:ann')] })
      await expect(again).rejects.toMatchObject({ code: 'write_failed_due_to_invalid_input' })
      const nothing = await storage.preview(store, {})
      expect([nothing.entry, nothing.after.revision]).toEqual([undefined, 2])
      nothing.release()
      expect(view().edges('doc:1', 'viewer').plain).toEqual(['user:ann', 'user:late'])
      await healthy()
    })

    test('zookies: read back, of other stores and forged refused, older epochs known', async () => {
      await write(t('doc:1', 'viewer', 'user:ann'))
      const zookie = storage.zookie(store, 1)
      expect(storage.revisionOf(store, zookie)).toBe(1)
      const ahead = storage.zookie(store, 9)
      expect(storage.revisionOf(store, ahead)).toBe(9)
      await expect(storage.waitFor(store, 9, 1)).rejects.toMatchObject({ code: 'not_yet_fresh' })
      const other = (await storage.createStore('two')).id
      for (const bad of [storage.zookie(other, 1), `A${zookie}`, `${zookie.slice(0, -1)}!`, '', 'AAAA']) {
        expect(() => storage.revisionOf(store, bad)).toThrow(
          expect.objectContaining({ code: 'invalid_zookie' }),
        )
      }
      await reopen()
      expect(storage.revisionOf(store, zookie)).toBe(1)
      expect(() => storage.revisionOf(store, ahead)).toThrow(expect.objectContaining({ code: 'log_forked' }))
      for (let i = 0; i < 12; i++) await write(t('doc:1', 'viewer', `user:${i}`))
      // Revision 9 is there by now, but it is not the one that the zookie spoke of.
      expect(() => storage.revisionOf(store, ahead)).toThrow(expect.objectContaining({ code: 'log_forked' }))
      expect(storage.revisionOf(store, zookie)).toBe(1)
    })

    test('waiting for a revision ends when it is applied', async () => {
      const waited = storage.waitFor(store, 2, 600_000).then(() => storage.view(store).revision)
      await write(t('doc:1', 'viewer', 'user:ann'))
      await write(t('doc:1', 'viewer', 'user:bob'))
      expect(await waited).toBe(2)
      await storage.waitFor(store, 1, 0)
    })

    test('time never goes back, restarts included', async () => {
      await write(t('doc:1', 'viewer', 'user:ann'))
      // Answers are given long after the last commit, and they are what must not be taken back.
      folder.hand.instant += 60_000
      const first = view().now
      folder.hand.instant -= 1_000_000
      await reopen()
      expect(view().now).toBeGreaterThanOrEqual(first)
      const second = await write(t('doc:1', 'viewer', 'user:bob'))
      expect(second.timestamp).toBeGreaterThanOrEqual(first)
    })
  })
}

const fromParent: ModelJson = {
  schema_version: '1.1',
  type_definitions: [
    {
      type: 'doc',
      relations: {
        parent: { this: {} },
        viewer: {
          union: {
            child: [
              { this: {} },
              {
                tupleToUserset: {
                  tupleset: { object: '', relation: 'parent' },
                  computedUserset: { object: '', relation: 'viewer' },
                },
              },
            ],
          },
        },
      },
      metadata: null,
    },
  ],
}

function t(object: string, relation: string, subject: string): Tuple {
  return { object, relation, subject }
}

function printed({ object, relation, subject }: Tuple): string {
  return `${object}#${relation}@${subject}`
}

function operations(entries: readonly ChangeEntry[]): string[] {
  return entries.flatMap((entry) =>
    entry.tuples.map(({ operation, tuple }) => `${operation} ${tuple.subject}`),
  )
}

async function membersOf(view: View): Promise<number> {
  let count = 0
  for await (const some of view.plain('group:all', 'member')) count += some.length
  return count
}

/** Every row of a paged question, no page larger than asked. */
async function pages<Row>(ask: (after?: Uint8Array) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = []
  let after: Uint8Array | undefined
  do {
    const page: Page<Row> = await ask(after)
    rows.push(...page.rows)
    after = page.next
  } while (after !== undefined)
  return rows
}

async function whole<Row>(slices: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const slice of slices) rows.push(...slice)
  return rows
}
