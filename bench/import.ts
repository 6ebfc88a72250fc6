/**
 * How long does a million tuples take in, what memory does it cost, and how soon does a restarted sidecar answer?
 * Against a real process over HTTP: what an operator would see. Prints one JSON line.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Expectation, expectations, model, type Size, tuples } from './scenarios/enterprise.ts'

const size: Size = { users: 100_000, groups: 10_000, agents: 48_000 }

interface Sidecar {
  readonly process: ChildProcess
  readonly url: string
}

async function serve(data: string): Promise<Sidecar> {
  const child = spawn(
    process.execPath,
    ['dist/cli/main.js', 'serve', '--data', data, '--listen', '127.0.0.1:0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let said = ''
  for await (const chunk of child.stdout) {
    said += String(chunk)
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
    if (url !== undefined) {
      child.stdout.resume()
      return { process: child, url }
    }
  }
  throw new Error(`the sidecar did not start: ${said}`)
}

async function stop({ process: child }: Sidecar): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

async function post<Answer>(url: string, body: unknown, type = 'application/json'): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': type },
    body: type === 'application/json' ? JSON.stringify(body) : (body as string),
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Answer
}

/** Highest and present resident set of a process, in MiB. */
function memory(pid: number): { readonly peak: number; readonly now: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (field: string) =>
    Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024)
  return { peak: mib('VmHWM'), now: mib('VmRSS') }
}

function* lines(): Generator<string> {
  let chunk = ''
  for (const { object, relation, subject } of tuples(size)) {
    chunk += `${JSON.stringify({ user: subject, relation, object })}\n`
    if (chunk.length < 60_000) continue
    yield chunk
    chunk = ''
  }
  yield chunk
}

async function importAll(url: string, store: string): Promise<number> {
  const response = await fetch(`${url}/v1/stores/${store}/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(lines())) as ReadableStream,
    duplex: 'half',
  } as RequestInit)
  const last = (await response.text()).trim().split('\n').at(-1) ?? ''
  const answer = JSON.parse(last) as { readonly done?: boolean; readonly written: number }
  if (answer.done !== true) throw new Error(`the import failed: ${last}`)
  return answer.written
}

async function ask(url: string, store: string, { allowed, subject, ...rest }: Expectation): Promise<void> {
  const answer = await post<{ readonly allowed: boolean }>(`${url}/stores/${store}/check`, {
    tuple_key: { ...rest, user: subject },
  })
  if (answer.allowed !== allowed)
    throw new Error(`wrong answer for ${rest.object}#${rest.relation}@${subject}`)
}

const data = mkdtempSync(join(tmpdir(), 'kith-bench-'))
try {
  const first = await serve(data)
  const { id: store } = await post<{ readonly id: string }>(`${first.url}/stores`, { name: 'bench' })
  await post(`${first.url}/stores/${store}/authorization-models`, model, 'text/plain')
  const started = performance.now()
  const written = await importAll(first.url, store)
  const seconds = (performance.now() - started) / 1000
  const afterImport = memory(first.process.pid ?? 0)
  const questions = [...expectations(size, 250)]
  const asked = performance.now()
  for (const question of questions) await ask(first.url, store, question)
  const checkMs = (performance.now() - asked) / questions.length
  await stop(first)

  const restarted = performance.now()
  const second = await serve(data)
  await ask(second.url, store, questions[0] as Expectation)
  const firstAnswerMs = performance.now() - restarted
  for (const question of questions) await ask(second.url, store, question)
  const afterRestart = memory(second.process.pid ?? 0)
  await stop(second)

  const round = (value: number, digits: number) => Number(value.toFixed(digits))
  console.log(
    JSON.stringify({
      tuples: written,
      seconds: round(seconds, 1),
      tuplesPerSecond: Math.round(written / seconds),
      peakMiB: afterImport.peak,
      checks: questions.length,
      sequentialCheckMs: round(checkMs, 2),
      firstAnswerAfterStartMs: Math.round(firstAnswerMs),
      restartedMiB: afterRestart.now,
    }),
  )
} finally {
  rmSync(data, { recursive: true, force: true })
}
