/**
 * Random files, random changes between preview and confirmation, either mode, by somebody who may all and somebody who
 * may some: every list and every membership is what a plain reading of the rules says.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sharedDirectory } from './http.ts'
import { BadFile, confirmReading, type Reading, type Rights, type Row, readFile } from './plain/import.ts'
import { stageOf } from './stage.ts'
import { uploadsTo } from './upload.ts'

const ids = ['ann', 'bob', 'cyd', 'dan']
const directory = await sharedDirectory()
const stage = await stageOf(directory, 'enterprise')
await stage.people('max', ...ids)
const uploads = uploadsTo(directory, stage, await stage.group('Sales'))
await stage.boss('POST', uploads.members, { user: 'max', role: 'manager' })

const users = new Map(ids.map((id) => [`${id}@example.com`, id]))

const rightsOf: Readonly<Record<string, Rights>> = {
  boss: { gives: ['manager', 'member'], changes: true },
  max: { gives: ['member'], changes: false },
}

const address = fc.constantFrom(
  'ann@example.com',
  'BOB@example.com',
  'cyd@Example.com',
  'dan@example.com',
  'x@y.zz',
)
const cell = fc.oneof(
  { weight: 6, arbitrary: address },
  { weight: 6, arbitrary: fc.constantFrom('member', 'Manager', ' MEMBER ', '') },
  { weight: 1, arbitrary: fc.constantFrom('=1+1', 'boss', 'a b', '-x@y.zz', 'a@b', '"', 'é', 'one""two') },
)
const quoted = cell.map((text) => `"${text.replaceAll('"', '""')}"`)
const end = fc.constantFrom('\n', '\r\n', '\r', '\n\n', ',\n', ' \n')
/** Which delimiter it is, the first row says. */
const headEnd = fc.constantFrom('\n', '\r\n', '\r', '\n\n')
const written = fc.oneof(
  { weight: 4, arbitrary: cell },
  { weight: 2, arbitrary: quoted },
  { weight: 1, arbitrary: quoted.map((text) => ` ${text} `) },
)
/** Mostly an address and a role; now and then anything. */
const line = (delimiter: string) =>
  fc
    .oneof(
      {
        weight: 8,
        arbitrary: fc
          .tuple(address, fc.constantFrom('member', 'manager', 'Member', '', 'chief'))
          .map((both) => [...both]),
      },
      { weight: 3, arbitrary: fc.array(written, { maxLength: 4 }) },
    )
    .map((cells) => cells.join(delimiter))
const heads = fc.constantFrom(
  ['email', 'role'],
  ['Role', ' E-MAIL '],
  ['"email"', 'note', 'ROLE'],
  ['email', ''],
  ['email', 'role', 'role'],
  ['mail', 'role'],
)

interface Run {
  readonly text: string
  readonly delimiter: string
  readonly actor: string
  readonly mode: 'valid_only' | 'all_or_nothing'
  /** Who leaves before. */
  readonly out: readonly string[]
  /** Between preview and confirmation: roles by id, '' is out. */
  readonly meanwhile: readonly (readonly [string, string])[]
}

const run: fc.Arbitrary<Run> = fc.constantFrom(',', ';', '\t').chain((delimiter) =>
  fc.record({
    text: fc
      .tuple(heads, headEnd, fc.array(fc.tuple(line(delimiter), end), { maxLength: 8 }))
      .map(([head, after, rows]) => head.join(delimiter) + after + rows.map((row) => row.join('')).join('')),
    delimiter: fc.constant(delimiter),
    actor: fc.constantFrom('boss', 'boss', 'max'),
    mode: fc.constantFrom('valid_only', 'valid_only', 'all_or_nothing'),
    out: fc.subarray(ids),
    meanwhile: fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom('', 'member', 'manager')), {
      maxLength: 2,
    }),
  }),
)

async function world() {
  const rows = await uploads.roles()
  const pairs = rows.map((row) => row.split(' ') as [string, string])
  return { users, roles: new Map(pairs) }
}

/** The lists of an answer, as plainly as the rules say them. */
function plainly({
  added,
  changed,
  skipped,
  errors,
}: Record<keyof Reading, readonly Record<string, unknown>[]>) {
  return {
    added,
    changed,
    skipped: skipped.map(({ reason, ...each }) => ({ ...each, why: reason })),
    errors: errors.map(({ row, code }) => ({ row, why: code })),
  }
}

function expected(reading: Reading) {
  const bare = ({ row, why }: Row) => ({ row, why })
  return { ...reading, errors: reading.errors.map(bare) }
}

async function put(user: string, role: string): Promise<void> {
  const path = `${uploads.members}/${user}`
  await stage.boss('DELETE', path)
  if (role !== '') await stage.boss('POST', uploads.members, { user, role })
}

test('T26, T27, T28: random files are what a plain reading makes of them', async () => {
  let [refused, imported] = [0, 0]
  await fc.assert(
    fc.asyncProperty(run, async ({ text, delimiter, actor, mode, out, meanwhile }) => {
      const rights = rightsOf[actor]
      if (rights === undefined) throw new Error('nobody')
      for (const user of out) await put(user, '')
      const before = await world()
      const { status, body } = await uploads.upload(text, actor)
      let shown: Reading
      try {
        shown = readFile(text, delimiter, before, rights)
      } catch (bad) {
        if (!(bad instanceof BadFile)) throw bad
        expect([status, body.error?.code]).toEqual([422, bad.code])
        refused++
        return
      }
      expect(status).toBe(201)
      expect(plainly(body)).toEqual(expected(shown))
      expect(await world()).toEqual(before)
      for (const [user, role] of meanwhile) await put(user, role)
      const then = await world()
      const done = confirmReading(shown, then, rights)
      const confirmed = await uploads.confirm(body.importId, { mode }, actor)
      if (mode === 'all_or_nothing' && done.errors.length > 0) {
        expect(confirmed.status).toBe(409)
        const rows = confirmed.body.error.errors.map(({ row, code }: { row: number; code: string }) => ({
          row,
          why: code,
        }))
        expect(rows).toEqual(expected(done).errors)
        expect(await world()).toEqual(then)
        await stage.as(actor)('DELETE', `${uploads.members}/imports/${body.importId}`)
        return
      }
      expect(plainly(confirmed.body)).toEqual(expected(done))
      imported += done.added.length + done.changed.length
      for (const { user = '', role = '' } of [...done.added, ...done.changed]) then.roles.set(user, role)
      expect(await world()).toEqual(then)
    }),
    { numRuns: 100 },
  )
  // Each kind of end was met, which is a dozen times or more.
  expect([refused > 0, imported > 0]).toEqual([true, true])
})
