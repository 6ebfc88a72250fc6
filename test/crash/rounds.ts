/**
 * Rounds of crashes over one folder after another: a sidecar is started, written to by all kinds of writers at once, and
 * ended in the worst way; then the folder is opened and held against what the writers were told.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { verify } from '../../src/storage/doctor.ts'
import { takeBackup, wrongInBackup } from './backup.ts'
import { Ledger } from './ledger.ts'
import { Load } from './load.ts'
import { losePower, tracing } from './power.ts'
import { type Started, startSidecar } from './sidecar.ts'
import { sweepRound } from './sweep.ts'
import { within } from './within.ts'

/** kill: SIGKILL. power: the same, and what was not synced is lost. sync: an fsync fails on the way. sweep: SIGKILL amid a sweep. */
export type End = 'kill' | 'power' | 'sync' | 'sweep'

/** Without strace neither syncs can be watched nor made to fail. */
export const canTrace = spawnSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true']).status === 0

export interface Report {
  rounds: number
  acknowledged: number
  /** Bytes that were written and not synced, and lost with the power. */
  bytesLost: number
  restored: number
  /** Tuples that expired and were swept by a process that was killed amid that. */
  swept: number
  /** Starts that were refused while a sync failed, and said so. */
  refused: number
  readonly ends: Record<End, number>
  readonly lost: string[]
  readonly half: string[]
  /** Starts that failed although nothing was damaged, and folders that do not agree with themselves. */
  readonly unexplained: string[]
}

export interface Plan {
  readonly ends: readonly End[]
  readonly random: () => number
  /** Milliseconds of load before the end, at most. */
  readonly loadMs: number
  /** Rounds in one folder; then a new one, so that comparing stays cheap. */
  readonly folderRounds: number
  /** Every so many rounds a second process tries the folder, and a backup is taken under load and restored. */
  readonly backupEvery: number
  readonly tell?: (report: Report) => void
}

export async function crash({
  ends,
  random,
  loadMs,
  folderRounds,
  backupEvery,
  tell,
}: Plan): Promise<Report> {
  const report: Report = {
    rounds: 0,
    acknowledged: 0,
    bytesLost: 0,
    restored: 0,
    swept: 0,
    refused: 0,
    ends: { kill: 0, power: 0, sync: 0, sweep: 0 },
    lost: [],
    half: [],
    unexplained: [],
  }
  let scene = newScene()
  try {
    for (const end of ends) {
      report.rounds++
      report.ends[end]++
      const isLast = report.rounds % folderRounds === 0 || report.rounds === ends.length
      await round(scene, { end, random, loadMs, report, withBackup: report.rounds % backupEvery === 0 })
      if (isLast) {
        report.acknowledged += scene.ledger.acknowledged
        const found = await verify(scene.data)
        for (const { what } of found.findings) report.unexplained.push(`the doctor: ${what}`)
        rmSync(scene.folder, { recursive: true, force: true })
        scene = newScene()
      }
      tell?.(report)
    }
  } finally {
    rmSync(scene.folder, { recursive: true, force: true })
  }
  return report
}

interface Scene {
  readonly folder: string
  readonly data: string
  readonly ledger: Ledger
}

function newScene(): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'kith-rounds-'))
  return { folder, data: join(folder, 'data'), ledger: new Ledger() }
}

interface Round extends Pick<Plan, 'random' | 'loadMs'> {
  readonly end: End
  readonly report: Report
  readonly withBackup: boolean
}

/** So long after its server's end a client has heard all that it will: one that still waits holds up nothing. */
const lastWordsMs = 10_000

async function round(
  { folder, data, ledger }: Scene,
  { end, random, loadMs, report, withBackup }: Round,
): Promise<void> {
  const name = `r${report.rounds}`
  if (end === 'sweep') {
    const { wrong, acknowledged, before } = await sweepRound(data, name, random() * loadMs)
    for (const what of wrong) report.half.push(`${name} (${end}): ${what}`)
    report.acknowledged += acknowledged
    report.swept += before
    return
  }
  const trace = join(folder, `trace-${name}`)
  const markBefore = readIfThere(join(data, 'mark'))
  let sidecar: Started
  try {
    sidecar = await within(`${name}: the start`, startSidecar(data, under(end, trace, random)))
  } catch (error) {
    if (end === 'sync' && isFailedSync.test(String(error))) report.refused++
    else report.unexplained.push(`${name}: ${String(error)}`)
    return
  }
  const load = new Load(sidecar.url, ledger, name)
  const running = load.run()
  let backup: Uint8Array | undefined
  try {
    await within(`${name}: the first write`, load.begun)
    if (withBackup) backup = await within(`${name}: the backup`, backUp(sidecar.url, data, report))
    await setTimeout(random() * loadMs)
  } finally {
    await within(`${name}: the kill`, sidecar.kill())
    load.stop()
  }
  await Promise.race([running, setTimeout(lastWordsMs, undefined, { ref: false })])
  if (end === 'power') report.bytesLost += losePower(data, trace, markBefore, random)
  await compare(`${name} (${end})`, { ledger, data, report })
  if (backup !== undefined) await compareBackup(backup, report)
}

/** LevelDB's words, and Node's of the files beside it. */
const isFailedSync = /data folder .*(?:Input\/output error|EIO: i\/o error, fdatasync)/

async function compare(
  what: string,
  { ledger, data, report }: Pick<Scene, 'ledger' | 'data'> & { readonly report: Report },
): Promise<void> {
  try {
    const { lost, half } = await within(`${what}: comparing`, ledger.compare(data))
    for (const one of lost) report.lost.push(`${what}: ${one}`)
    for (const one of half) report.half.push(`${what}: ${one}`)
  } catch (error) {
    report.unexplained.push(`${what}: ${String(error)}`)
  }
}

function under(end: End, trace: string, random: () => number): readonly string[] {
  if (end === 'kill') return []
  if (end === 'power') return tracing(trace)
  // Each thread's n-th sync fails once.
  const when = `inject=fdatasync:error=EIO:when=${2 + Math.floor(random() * 40)}`
  return [
    'strace',
    '-f',
    '--seccomp-bpf',
    '-e',
    'trace=fdatasync',
    '-e',
    when,
    '-e',
    'signal=none',
    '-o',
    '/dev/null',
  ]
}

/** While it is written to: another process is kept out, and a backup is to be had. */
async function backUp(url: string, data: string, report: Report): Promise<Uint8Array | undefined> {
  const second = await startSidecar(data).then(
    async (started) => {
      await started.kill()
      return 'a second process opened the folder'
    },
    (error: Error) => (error.message.includes('is in use by another process') ? undefined : error.message),
  )
  if (second !== undefined) report.unexplained.push(second)
  try {
    return await takeBackup(url)
  } catch (error) {
    report.unexplained.push(`the backup: ${String(error)}`)
    return undefined
  }
}

/** Without load beside it, which would grow for as long as this takes. */
async function compareBackup(backup: Uint8Array, report: Report): Promise<void> {
  try {
    const wrong = await within('restoring the backup', wrongInBackup(backup))
    for (const what of wrong) report.unexplained.push(`the backup: ${what}`)
    report.restored++
  } catch (error) {
    report.unexplained.push(`the backup: ${String(error)}`)
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
