/**
 * A byte that flips in any file of a data folder, one that is gone, one that was cut: the folder is refused with the
 * command to run, or everything acknowledged is there. Never is a part of it missing without a word.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verify } from '../../src/storage/doctor.ts'
import { readVarint } from '../../src/storage/files/snappy.ts'
import { openStorage } from '../../src/storage/open.ts'

let original: string
let store: string
const expected: { object: string; revision: number }[] = []

beforeAll(async () => {
  original = mkdtempSync(join(tmpdir(), 'kith-damage-'))
  // Tables from the first opening, a log of many batches from the second.
  for (const opening of [0, 1]) {
    const storage = await openStorage({ path: original }, { sweepEveryMs: 0 })
    store = (await storage.stores(1)).rows[0]?.id ?? (await storage.createStore('one')).id
    for (let i = 0; i < 120; i++) {
      const object = `doc:${opening}-${i}`
      const writes = [{ object, relation: 'viewer', subject: `user:${i}-${'x'.repeat(600)}` }]
      expected.push({ object, revision: (await storage.commit(store, { writes })).revision })
    }
    await storage.close()
  }
})
afterAll(() => rmSync(original, { recursive: true, force: true }))

type Outcome = 'whole' | 'refused'

/** Opens a copy with one file changed. Whatever opens must be whole; what is refused must say what to run. */
async function outcomeOf(file: string, change: (bytes: Buffer) => Buffer | undefined): Promise<Outcome> {
  const path = mkdtempSync(join(tmpdir(), 'kith-damaged-'))
  try {
    cpSync(original, path, { recursive: true })
    const changed = change(readFileSync(join(path, file)))
    if (changed === undefined) rmSync(join(path, file))
    else writeFileSync(join(path, file), changed)
    const refusal = await refusalOf(path)
    if (refusal === undefined) return 'whole'
    expect(refusal).toMatch(/kith doctor --data|must hold at least 32 bytes as base64/)
    expect(refusal).toContain(path)
    return 'refused'
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

/** Why the folder is not served: at once, or when its tables have been compared; then also at the next start. */
async function refusalOf(path: string): Promise<string | undefined> {
  const fatal: unknown[] = []
  try {
    const storage = await openStorage({ path }, { sweepEveryMs: 0, onFatal: (error) => fatal.push(error) })
    try {
      await storage.scrub()
      if (fatal.length === 0) {
        for (const { object, revision } of expected) {
          const [subject = ''] = storage.view(store).edges(object, 'viewer').plain ?? []
          expect(storage.view(store).tuple(object, 'viewer', subject)?.revision, object).toBe(revision)
        }
        return undefined
      }
      expect(storage.unready).toContain('damaged')
    } finally {
      await storage.close()
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'AssertionError') throw error
    return error.message
  }
  await expect(openStorage({ path })).rejects.toThrow('is not opened')
  return String(fatal[0])
}

const named = (end: RegExp): string => {
  const name = readdirSync(join(original, 'level')).find((one) => end.test(one))
  return `level/${name}`
}

const flip = (share: number) => (bytes: Buffer) => {
  const at = Math.min(bytes.length - 1, Math.floor(bytes.length * share))
  bytes[at] = (bytes[at] ?? 0) ^ 0x41
  return bytes
}

/** Where keys are kept that may be there: rows would read as absent. It ends where the index of such blocks begins. */
const flipFilter = (bytes: Buffer) => {
  const at = readVarint(bytes, bytes.length - 48).value - 300
  bytes[at] = (bytes[at] ?? 0) ^ 0x41
  return bytes
}

const cases: [what: string, file: () => string, change: (bytes: Buffer) => Buffer | undefined, Outcome][] = [
  ...[0.01, 0.3, 0.6, 0.9].map((share): (typeof cases)[number] => [
    `a byte of the log, at ${share}`,
    () => named(/\.log$/),
    flip(share),
    'refused',
  ]),
  ['the last record of the log', () => named(/\.log$/), (bytes) => bytes.subarray(0, -9), 'refused'],
  ['the log, gone', () => named(/\.log$/), () => undefined, 'refused'],
  // Rows are not flipped here but in files.test.ts: LevelDB itself may die of a block that it does not compare.
  ['a byte of a table, in its filter', () => named(/\.ldb$/), flipFilter, 'refused'],
  ['the last byte of a table', () => named(/\.ldb$/), flip(1), 'refused'],
  ['a table, cut', () => named(/\.ldb$/), (bytes) => bytes.subarray(0, 5000), 'refused'],
  ['a table, gone', () => named(/\.ldb$/), () => undefined, 'refused'],
  ['the first record of the manifest', () => named(/^MANIFEST/), flip(0.1), 'refused'],
  ['the manifest, gone', () => named(/^MANIFEST/), () => undefined, 'refused'],
  ['CURRENT', () => 'level/CURRENT', flip(0.9), 'refused'],
  ['CURRENT, gone', () => 'level/CURRENT', () => undefined, 'refused'],
  ['CURRENT, empty', () => 'level/CURRENT', () => Buffer.alloc(0), 'refused'],
  ['the mark', () => 'mark', flip(0.2), 'refused'],
  // Nobody has asked for it: what it guards against did not happen as well.
  ['the mark, gone', () => 'mark', () => undefined, 'whole'],
  ['the secret, cut', () => 'secret', (bytes) => bytes.subarray(0, 20), 'refused'],
]

test('the folder itself opens, whole', async () => {
  expect(await outcomeOf('mark', (bytes) => bytes)).toBe('whole')
})

test.each(cases)('%s', async (_, file, change, outcome) => {
  expect(await outcomeOf(file(), change)).toBe(outcome)
})

test('a damaged table, found while the folder was served, is repaired from what is whole', async () => {
  const path = mkdtempSync(join(tmpdir(), 'kith-damaged-'))
  try {
    cpSync(original, path, { recursive: true })
    const file = join(path, named(/\.ldb$/))
    writeFileSync(file, flipFilter(readFileSync(file)))
    expect(await refusalOf(path)).toContain('is damaged at byte')
    // It says what is wrong, or that it cannot read on; nothing is repaired unasked.
    const looked = await verify(path).catch((error: Error) => error.message)
    expect(JSON.stringify(looked)).toMatch(/is damaged at byte|--repair/)
    await expect(openStorage({ path })).rejects.toThrow(/is not opened: .* kith doctor|`kith doctor/)
    const { repaired, findings } = await verify(path, { repair: true })
    expect(repaired).toBe(true)
    expect(findings[0]?.what).toMatch(/is damaged at byte|Corruption/)
    expect(await verify(path)).toMatchObject({ findingCount: 0 })
    expect(await refusalOf(path)).toBeUndefined()
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
})
