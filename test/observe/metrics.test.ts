/** The numbers: each under its name, by both doors, naming nobody. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { Histogram } from '../../src/lib/histogram.ts'
import { expositionOf } from '../../src/observe/exposition.ts'
import { type Doors, doors, ground, viaApp } from './world.ts'

async function scraped(d: Doors): Promise<{ text: string; at: (series: string) => number | undefined }> {
  const { kith, storage, metrics, lane } = d
  const observed = {
    kith,
    storage: () => storage.report,
    metrics,
    lane: lane.counts,
    refused: { check: 7 },
    decisionLog: undefined,
  }
  const { text, type } = await expositionOf(observed)()
  expect(type).toContain('text/plain')
  const at = (series: string) => {
    const line = text.split('\n').find((each) => each.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.slice(series.length + 1))
  }
  return { text, at }
}

test('requests by verb, way and status, their durations, and decisions by result', async () => {
  const d = await doors(await ground())
  for (const headers of [{}, viaApp]) {
    await (await d.check('user:anne', {}, headers)).text()
    await (await d.check('user:eve', {}, headers)).text()
    await (await d.post('/check', {}, headers)).text()
    const tuple_key = { user: 'user:anne', relation: 'nothing', object: 'document:1' }
    await (await d.post('/batch-check', { checks: [{ correlation_id: 'a', tuple_key }] }, headers)).text()
  }
  await (await fetch(`${d.url}/nowhere`)).text()
  const { at } = await scraped(d)
  for (const lane of ['fast', 'app']) {
    expect(at(`kith_requests_total{verb="check",lane="${lane}",status="2xx"}`)).toBe(2)
    expect(at(`kith_requests_total{verb="check",lane="${lane}",status="4xx"}`)).toBe(1)
    expect(at(`kith_request_duration_seconds_count{verb="check",lane="${lane}"}`)).toBe(3)
    expect(at(`kith_request_duration_seconds_bucket{le="+Inf",verb="check",lane="${lane}"}`)).toBe(3)
    expect(at(`kith_requests_total{verb="batchCheck",lane="${lane}",status="2xx"}`)).toBe(1)
  }
  expect(at('kith_requests_total{verb="nowhere",lane="app",status="4xx"}')).toBe(1)
  expect(at('kith_decisions_total{result="allowed"}')).toBe(2)
  expect(at('kith_decisions_total{result="denied"}')).toBe(2)
  expect(at('kith_decisions_total{result="failed"}')).toBeGreaterThanOrEqual(2)
  expect(at('kith_lane_total{outcome="answered"}')).toBe(4)
  expect(at('kith_refused_total{work="check"}')).toBe(7)
  expect(at('kith_stores')).toBe(1)
  expect(at('kith_revisions_total')).toBe(2)
  expect(at('kith_batch_seconds_count')).toBe(3)
  expect(at('kith_batch_commits_bucket{le="1"}')).toBe(3)
  expect(at('kith_ready')).toBe(1)
  expect(at('process_cpu_seconds_total')).toBeGreaterThan(0)
})

test('no label names a store, a model, a user or a request', async () => {
  const d = await doors(await ground())
  await (await d.check('user:anne', {}, { 'x-request-id': 'very-own' })).text()
  await (await fetch(`${d.url}/stores/${d.store}/secret-path`)).text()
  const { text } = await scraped(d)
  expect(text).not.toMatch(new RegExp(`${d.store}|${d.model}|anne|document|very-own|secret-path`))
  const names = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)]
  expect(names.length).toBeGreaterThan(25)
  for (const [, name = '', type] of names) if (type === 'counter') expect(name).toMatch(/_total$/)
})

test('the route prints them, and is not there where none are kept', async () => {
  const { kith } = await ground()
  const exposition = async () => ({ type: 'text/plain; version=0.0.4', text: 'kith_ready 1\n' })
  const answer = await createApp(kith, { exposition }).request('/metrics')
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    200,
    'text/plain; version=0.0.4',
    'kith_ready 1\n',
  ])
  expect((await createApp(kith).request('/metrics')).status).toBe(404)
})

test('a histogram counts values up to each bound, and those above', () => {
  const histogram = new Histogram([1, 5])
  for (const value of [0, 1, 1.1, 5, 6, 100]) histogram.observe(value)
  expect([...histogram.counts]).toEqual([2, 2, 2])
  expect(histogram.sum).toBeCloseTo(113.1)
})

test('the dashboard and the alerts name metrics that exist', async () => {
  const { text } = await scraped(await doors(await ground()))
  const known = new Set(
    [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
  for (const file of ['dashboard.json', 'alerts.yaml']) {
    const said = readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8')
    const named = new Set(said.match(/\b(?:kith|process|nodejs)_[a-z_]+\b/g))
    expect(named.size).toBeGreaterThan(5)
    expect([...named].filter((name) => !known.has(name))).toEqual([])
  }
})
