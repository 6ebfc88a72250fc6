/** A sidecar that is killed amid events of use: what was said to be counted is, and what is sent again counts once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSidecar } from '../crash/sidecar.ts'

test('killed amid events, T60: none is lost, and none counts twice', { timeout: 60_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), 'kith-analytics-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  let started = await startSidecar(data)
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${started.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'kith-actor': 'user:boss' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    return text === '' ? {} : JSON.parse(text)
  }
  const owner = { id: 'boss', name: 'Boss' }
  const org = (await ask('POST', '/v1/orgs', { name: 'Acme', preset: 'training', owner })).id
  const group = (await ask('POST', `/v1/orgs/${org}/groups`, { name: 'All' })).id
  await ask('POST', `/v1/orgs/${org}/groups/${group}/members`, { user: 'boss' })
  const path = `/v1/orgs/${org}/analytics/events`
  const countedIn = async () => {
    const { groups, total } = await ask('GET', `/v1/orgs/${org}/analytics/groups`)
    expect(groups).toMatchObject([{ group, queries: total.queries, correct: total.correct }])
    return total.queries as number
  }
  const sent: { id: string; user: string; correct: boolean }[] = []
  let said = 0
  let isOver = false
  /** Some send one, some ten at once. */
  const worker = async (own: number): Promise<void> => {
    for (let at = 0; !isOver; at++) {
      const events = Array.from({ length: own % 2 === 0 ? 1 : 10 }, (_, i) => ({
        id: `${own} ${at} ${i}`,
        user: 'boss',
        correct: true,
      }))
      sent.push(...events)
      said += (await ask('POST', path, { events })).counted
    }
  }
  const workers = Promise.allSettled([0, 1, 2, 3, 4, 5, 6, 7].map(worker))
  while (said < 300) await new Promise(setImmediate)
  await started.kill()
  isOver = true
  await workers
  started = await startSidecar(data)
  const counted = await countedIn()
  expect(counted).toBeGreaterThanOrEqual(said)
  expect(counted).toBeLessThanOrEqual(sent.length)
  for (let i = 0; i < sent.length; i += 1000) await ask('POST', path, { events: sent.slice(i, i + 1000) })
  expect(await countedIn()).toBe(sent.length)
  await started.kill()
})
