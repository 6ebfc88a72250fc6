/** A process that is killed while it sweeps what expired: what it leaves is what its log says, and is swept later. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { verify } from '../../src/storage/doctor.ts'
import { type LevelStorage, openStorage } from '../../src/storage/open.ts'
import type { ChangeEntry } from '../../src/storage/storage.ts'

/** An acknowledged commit: so many tuples that expire then, and one that stays. */
export interface Told {
  readonly store: string
  readonly object: string
  readonly count: number
  readonly expiresAt: number
}

export interface Swept {
  /** Sentences about what is not as it should be. */
  readonly wrong: string[]
  readonly acknowledged: number
  /** Tuples that the killed process had swept, and those that it left. */
  readonly before: number
  readonly after: number
}

const child = new URL('sweep.child.ts', import.meta.url).pathname

/** @param loadMs - between the first sweep and the kill */
export async function sweepRound(path: string, round: string, loadMs: number): Promise<Swept> {
  const told = await killAmid(path, round, loadMs)
  const wrong = (await verify(path)).findings.map(({ what }) => `the doctor, after the kill: ${what}`)
  const storage = await openStorage({ path }, { sweepEveryMs: 0 })
  let before = 0
  let after = 0
  try {
    for (const store of new Set(told.map((one) => one.store))) {
      const swept = sweptIn(await logOf(storage, store), wrong)
      before += [...swept.values()].reduce((sum, count) => sum + count, 0)
      for (const { object, count } of told.filter((one) => one.store === store)) {
        const { usersets, plain } = storage.view(store).edges(object, 'viewer')
        // A head that spread says so for ever: then the doctor has compared the rows.
        const listed = plain === undefined ? undefined : usersets.length + plain.length - 1
        const left = count - (swept.get(object) ?? 0)
        if (listed !== undefined && listed !== left)
          wrong.push(`${object}: ${listed} are listed, ${left} were left`)
      }
    }
    await setTimeout(Math.max(0, ...told.map(({ expiresAt }) => expiresAt - Date.now() + 1)))
    after = await storage.sweep()
    const again = await storage.sweep()
    if (again !== 0) wrong.push(`${again} were swept twice`)
    for (const store of new Set(told.map((one) => one.store))) {
      const swept = sweptIn(await logOf(storage, store), wrong)
      for (const { object, count } of told.filter((one) => one.store === store)) {
        if (swept.get(object) !== count) wrong.push(`${object}: ${swept.get(object)} of ${count} were swept`)
        if (storage.view(store).tuple(object, 'viewer', 'user:stays') === undefined)
          wrong.push(`${object} lost what stays`)
      }
    }
  } finally {
    await storage.close()
  }
  for (const { what } of (await verify(path)).findings) wrong.push(`the doctor, after the sweep: ${what}`)
  return { wrong, acknowledged: told.length, before, after }
}

async function killAmid(path: string, round: string, loadMs: number): Promise<Told[]> {
  const run = spawn(process.execPath, ['--import', 'tsx', child, path, round], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(run, 'exit')
  const told: Told[] = []
  let killing: Promise<unknown> | undefined
  for await (const line of createInterface({ input: run.stdout })) {
    if (line !== 'swept') told.push(JSON.parse(line) as Told)
    else killing ??= setTimeout(loadMs).then(() => run.kill('SIGKILL'))
  }
  await killing
  await ended
  return told
}

async function logOf(storage: LevelStorage, store: string): Promise<readonly ChangeEntry[]> {
  const view = storage.view(store).pin()
  try {
    return await view.changes(0, Number.POSITIVE_INFINITY)
  } finally {
    view.release()
  }
}

/** How many tuples of each object a sweep has deleted. One that it deleted too early, or that it should not have, is wrong. */
function sweptIn(log: readonly ChangeEntry[], wrong: string[]): Map<string, number> {
  const expiries = new Map<string, number>()
  const swept = new Map<string, number>()
  for (const { timestamp, provenance, tuples } of log) {
    for (const { operation, tuple } of tuples) {
      const name = `${tuple.object}@${tuple.subject}`
      if (operation === 'write') expiries.set(name, tuple.expiresAt ?? Number.POSITIVE_INFINITY)
      else if (provenance?.source !== 'expiry') wrong.push(`${name} was deleted by no sweep`)
      else {
        if ((expiries.get(name) ?? Number.POSITIVE_INFINITY) > timestamp)
          wrong.push(`${name} was swept too early`)
        expiries.delete(name)
        swept.set(tuple.object, (swept.get(tuple.object) ?? 0) + 1)
      }
    }
  }
  return swept
}
