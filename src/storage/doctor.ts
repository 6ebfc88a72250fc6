/**
 * The doctor: rebuilds everything that is derived from the log, compares it with what is there, and repairs on demand.
 * Works on a folder that nobody has open; storage itself never calls it.
 */
import { Fault } from '../lib/fault.ts'
import { compareForward, compareReverse, compareRows } from './compare.ts'
import { compareDocuments } from './compare-documents.ts'
import { compareFolder } from './compare-folder.ts'
import { damageInFolder } from './demand-tables.ts'
import type { Disk } from './disk.ts'
import { openFolder } from './folder.ts'
import type { StoreState } from './group.ts'
import { holdDamaged, holdFolder, holdOn, releaseFolder } from './hold.ts'
import * as keys from './keys.ts'
import { emptyHead } from './load.ts'
import { mendFolder } from './mend.ts'
import { dropExpiries, rebuildStore, rightTuplesets, withScratch } from './rebuild.ts'
import { isDamage, openError } from './refusal.ts'
import { type Replayed, replay } from './replay.ts'
import * as values from './values.ts'

interface Finding {
  /** The store's id; undefined for what concerns the whole folder. */
  readonly store: string | undefined
  readonly what: string
  /** Whether a repair puts it right; else what was there is lost, and has to be written again or restored. */
  readonly repairable: boolean
}

export interface Diagnosis {
  /** The first 1,000. */
  readonly findings: readonly Finding[]
  readonly findingCount: number
  /** Of them, those that no repair puts right. */
  readonly lostCount: number
  readonly stores: number
  readonly entries: number
  /** Whether everything that can be was repaired; false when nothing was to be. */
  readonly repaired: boolean
}

export interface DoctorOptions {
  /** Rewrite what is wrong. A log that is damaged is cut before the damage: what follows is lost. */
  readonly repair?: boolean
  /** Called with a sentence at each step. */
  readonly progress?: (step: string) => void
}

const findingsMax = 1000

/** O(log) time; a scratch copy of the tuples within the folder. @throws Error when the folder is in use or cannot be opened */
export async function verify(path: string, options: DoctorOptions = {}): Promise<Diagnosis> {
  try {
    return await verifyFolder(path, options)
  } catch (error) {
    if (!isDamage(error)) throw error
    if (!options.repair) {
      throw openError(
        path,
        error,
        'copy the folder, then mend its files with --repair; some rows may be lost',
      )
    }
    await mendFolder(path, () => holdForRepair(path))
    const { message: what } = openError(path, error, 'its files were mended')
    const found = await verifyFolder(path, options)
    return {
      ...found,
      // Nobody knows what was in the part that LevelDB let go of.
      findings: [{ store: undefined, what, repairable: false }, ...found.findings],
      findingCount: found.findingCount + 1,
      lostCount: found.lostCount + 1,
      repaired: true,
    }
  }
}

async function verifyFolder(path: string, options: DoctorOptions): Promise<Diagnosis> {
  options.progress?.('reading the files')
  // Before the database is open: see demand-tables.ts. Who serves the folder next has not compared them.
  const damage = await damageInFolder(path)
  if (damage !== undefined && holdOn(path) === undefined) holdDamaged(path, damage)
  const disk = await openFolder(path, 'damage')
  try {
    const onRepair = () => holdForRepair(path)
    const diagnosis = await withScratch(path, (scratch) =>
      verifyDisk(disk, scratch, { ...options, damage, onRepair }),
    )
    const isWell = diagnosis.findingCount === 0 || diagnosis.repaired
    if (isWell && holdOn(path) !== undefined) releaseFolder(path)
    return diagnosis
  } finally {
    await disk.close()
  }
}

/** What a repair that is interrupted leaves opens without a word: rows are dropped before they are laid out anew. */
function holdForRepair(path: string): void {
  const why = `its repair has not ended; run \`kith doctor --data ${path} --repair\` again`
  holdFolder(path, { kind: 'damage', why })
}

interface Examination extends DoctorOptions {
  /** What is wrong with the files themselves. */
  readonly damage?: string | undefined
  /** Called before anything is changed. */
  readonly onRepair?: () => void
}

/** `scratch` is empty. Nothing else may write to `disk` meanwhile. */
export async function verifyDisk(disk: Disk, scratch: Disk, options: Examination = {}): Promise<Diagnosis> {
  const { progress = () => {}, damage } = options
  const findings = new Findings()
  const folder = await compareFolder(disk, (what, mend) => findings.tell(undefined, what, mend))
  const states = folder.states.filter(({ facts }) => facts.row.deleted === 'no')
  for (const { number, facts } of states) findings.ids.set(number, facts.row.id)
  const [sequence, marked] = [sequenceOf(disk), disk.marked()]
  if (marked > sequence) {
    findings.tell(
      undefined,
      `batches ${sequence + 1} to ${marked} were acknowledged and are not there`,
      'lost',
    )
  }
  if (damage !== undefined) {
    findings.tell(undefined, damage)
    for (const { number } of states) findings.sick.add(number)
  }
  const logs = await compareStores(disk, scratch, states, findings, progress)
  const repaired = options.repair === true && findings.count > 0
  if (repaired) {
    options.onRepair?.()
    const batch = disk.batch()
    folder.mend(batch)
    await batch.write()
    await repairStores(disk, scratch, logs, findings.sick, progress)
    if (damage !== undefined) await disk.compact()
    disk.mark(sequence)
  }
  return {
    findings: findings.first,
    findingCount: findings.count,
    lostCount: findings.lostCount,
    stores: states.length,
    entries: [...logs.values()].reduce((sum, log) => sum + log.entries, 0),
    repaired,
  }
}

/** What is wrong, and where: the first of them in words, all of them counted. */
class Findings {
  readonly first: Finding[] = []
  count = 0
  lostCount = 0
  /** Ids of the stores there are, by number. */
  readonly ids = new Map<number, string>()
  /** Numbers of the stores that a repair has to lay out anew. */
  readonly sick = new Set<number>()

  /** @param number - of the store; undefined for what concerns the whole folder */
  readonly tell = (number: number | undefined, what: string, mend: 'rebuilt' | 'lost' = 'rebuilt'): void => {
    const store = number === undefined ? undefined : this.ids.get(number)
    if (number !== undefined) {
      if (store === undefined) return // A deleted store's rows, still being purged.
      this.sick.add(number)
    }
    this.count++
    if (mend === 'lost') this.lostCount++
    if (this.first.length < findingsMax) this.first.push({ store, what, repairable: mend === 'rebuilt' })
  }
}

/** Lays the logs out in `scratch`, and compares what is there with that. @returns the logs, for a repair */
async function compareStores(
  disk: Disk,
  scratch: Disk,
  states: readonly StoreState[],
  { tell }: Findings,
  progress: (step: string) => void,
): Promise<ReadonlyMap<StoreState, Replayed>> {
  const logs = new Map<StoreState, Replayed>()
  for (const state of states) {
    progress(`replaying the log of store ${state.facts.row.id}`)
    const log = await replay(disk, scratch, state)
    logs.set(state, log)
    compareRecords(disk, state, log, tell)
    await compareDocuments(disk, state.number, log, (what, mend) => tell(state.number, what, mend))
  }
  progress('comparing tuples')
  await compareRows(disk, scratch, keys.kind.tuple, 'tuple', tell)
  await compareRows(disk, scratch, keys.kind.expiry, 'expiry', tell)
  for (const { number, facts } of states) {
    progress(`comparing the heads of store ${facts.row.id}`)
    for (const compare of [compareForward, compareReverse]) {
      await compare(disk, scratch, number, tell).catch((error: unknown) => {
        // What the disk cannot read is no finding; a row that is no head at all is one.
        if (error instanceof Fault) throw error
        tell(number, `heads cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      })
    }
  }
  return logs
}

async function repairStores(
  disk: Disk,
  scratch: Disk,
  logs: ReadonlyMap<StoreState, Replayed>,
  sick: ReadonlySet<number>,
  progress: (step: string) => void,
): Promise<void> {
  await dropExpiries(disk, sick)
  for (const [state, log] of logs) {
    if (!sick.has(state.number)) continue
    progress(`repairing store ${state.facts.row.id}`)
    await rebuildStore(disk, scratch, state, log)
  }
}

function sequenceOf(disk: Disk): number {
  const bytes = disk.get(keys.sequenceKey)
  return bytes === undefined ? 0 : values.unpack<number>(bytes)
}

type Tell = (store: number, what: string, mend?: 'lost') => void

function compareRecords(disk: Disk, { number, facts }: StoreState, log: Replayed, tell: Tell): void {
  if (log.broken !== undefined) tell(number, `the log is damaged: ${log.broken}`, 'lost')
  const head = log.head ?? emptyHead(facts.row)
  const { revision, checksum, timestamp, model } = facts.head
  const same =
    revision === head.revision &&
    checksum === head.checksum &&
    timestamp === head.timestamp &&
    model === head.model
  if (!same) tell(number, `the head record says revision ${revision}, the log ends at ${head.revision}`)
  const missing = rightTuplesets(disk, number, log).filter((one) => !facts.tuplesets.has(one))
  if (missing.length > 0) tell(number, `tuplesets are missing: ${missing.join(', ')}`)
}
