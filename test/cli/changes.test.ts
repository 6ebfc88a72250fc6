/** `kith changes` and `kith watch` against a sidecar of their own; the decision log and the metrics of that sidecar. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demo, folderWith, kith, type Running, serve } from './program.ts'

const folder = folderWith({ 'demo.fga.yaml': demo })
const file = (name: string) => join(folder.path, name)
let sidecar: Running

beforeAll(async () => {
  const places = ['--data', file('data'), '--bootstrap', file('demo.fga.yaml')]
  sidecar = await serve([...places, '--decision-log', file('decisions')])
})

afterAll(() => folder.remove())

const run = (args: readonly string[]) => kith(args, { env: { KITH_URL: sidecar.url, KITH_STORE: 'demo' } })

const pause = () => new Promise((resolve) => setTimeout(resolve, 20))

test('what was done, by whom, for people and for programs; decisions and metrics; a watch ends with the sidecar', async () => {
  await run(['write', 'document:9#viewer@user:eve'])
  const { out } = await run(['changes'])
  expect(out).toMatch(/^1 {2}\S+Z {2}bootstrap$/m)
  expect(out).toMatch(/^ {2}write document:9#viewer@user:eve$/m)
  expect(out).toMatch(/api, request \S+$/m)
  const found = await run(['changes', '--user', 'user:eve', '--json'])
  expect(JSON.parse(found.out)).toMatchObject({ source: 'api', tuples: [{ operation: 'write' }] })
  expect((await run(['changes', '--stores'])).out).toMatch(/create store \S+ demo {2}bootstrap\n$/)

  await run(['check', 'document:9#viewer@user:eve'])
  // It is written by and by.
  while (!readFileSync(file('decisions'), 'utf8').endsWith('\n')) await pause()
  expect(JSON.parse(readFileSync(file('decisions'), 'utf8'))).toMatchObject({
    allowed: true,
    subject: 'user:eve',
  })
  const metrics = await (await fetch(`${sidecar.url}/metrics`)).text()
  expect(metrics).toMatch(/^kith_decisions_total\{result="allowed"\} 1$/m)

  const refused = await run(['watch', '--after', 'nonsense'])
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('zookie')])
  const { stores } = (await (await fetch(`${sidecar.url}/stores`)).json()) as { stores: { id: string }[] }
  const watching = run(['watch', '--since', '2000-01-01T00:00:00Z', '--json'])
  // Told once the watch is there.
  while (!/^kith_watches 1$/m.test(await (await fetch(`${sidecar.url}/metrics`)).text())) await pause()
  await fetch(`${sidecar.url}/stores/${stores[0]?.id}`, { method: 'DELETE' })
  const watched = await watching
  expect(watched.out.split('\n').slice(0, -1).length).toBeGreaterThan(2)
  expect([watched.code, watched.err]).toEqual([2, expect.stringContaining('the watch ended')])
  expect((await sidecar.stop()).code).toBe(0)
})
