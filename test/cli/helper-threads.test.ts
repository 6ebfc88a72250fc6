/** Who answers is not kept waiting by the threads that help: behind it are all of them, and on one core the collector has none. */
import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scavengeAloneOnOneCore } from '../../src/cli/helper-threads.ts'
import { demo, folderWith, kith, serve } from './program.ts'

/** By thread: the nineteenth field, of which the third is the first behind the name in brackets. */
function nicenessOf(pid: number): ReadonlyMap<number, number> {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ').at(-1) ?? ''
    return [Number(thread), Number(stat.split(' ')[16])] as const
  })
  return new Map(threads)
}

test.runIf(process.platform === 'linux')('helpers stand behind the thread that answers', async () => {
  const folder = folderWith({ 'demo.fga.yaml': demo })
  onTestFinished(folder.remove)
  const bootstrap = ['--bootstrap', join(folder.path, 'demo.fga.yaml')]
  const { pid, url, stop } = await serve(['--data', join(folder.path, 'data'), ...bootstrap])
  expect((await kith(['write', 'document:9#viewer@user:z', '--url', url])).code).toBe(0)
  const { [String(pid)]: answering, ...helping } = Object.fromEntries(nicenessOf(pid))
  const behind = Object.values(helping)
  expect(behind.length).toBeGreaterThan(4)
  const least = Math.min((answering ?? 0) + 1, constants.priority.PRIORITY_LOW)
  expect(behind.filter((niceness) => niceness < least)).toEqual([])
  expect((await stop()).code).toBe(0)
})

test.each([
  [1, ['--no-parallel-scavenge']],
  [2, []],
])('on cores to the number of %i the collector is told %j', (cores, told) => {
  const flags: string[] = []
  scavengeAloneOnOneCore(cores, (flag) => flags.push(flag))
  expect(flags).toEqual(told)
})
