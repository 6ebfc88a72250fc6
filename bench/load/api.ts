/** The few calls of the API that benches and `npm run load` make outside the measured loop. Refusals throw. */
import { Readable } from 'node:stream'
import type { Tuple } from '../../src/tuple/tuple.ts'
import type { Question, Scenario } from '../scenarios/scenario.ts'

/** A new store with the scenario's model; its id. */
export async function newStore(url: string, { name, model }: Scenario): Promise<string> {
  const { id } = await post<{ readonly id: string }>(`${url}/stores`, { name: `bench-${name}` })
  await post(`${url}/stores/${id}/authorization-models`, model, 'text/plain')
  return id
}

/** How many were written. */
export async function importTuples(url: string, store: string, tuples: Iterable<Tuple>): Promise<number> {
  const response = await fetch(`${url}/v1/stores/${store}/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(lines(tuples))) as ReadableStream,
    duplex: 'half',
  } as RequestInit)
  const last = (await response.text()).trim().split('\n').at(-1) ?? ''
  const answer = JSON.parse(last) as { readonly done?: boolean; readonly written: number }
  if (answer.done !== true) throw new Error(`the import failed: ${last}`)
  return answer.written
}

/** @throws Error when the answer is not the expected one */
export async function ask(url: string, store: string, question: Question): Promise<void> {
  const { object, relation, subject, context, allowed } = question
  const answer = await post<{ readonly allowed: boolean }>(`${url}/stores/${store}/check`, {
    tuple_key: { user: subject, relation, object },
    ...(context && { context }),
  })
  if (answer.allowed !== allowed) throw new Error(`wrong answer for ${object}#${relation}@${subject}`)
}

async function post<Answer>(url: string, body: unknown, type = 'application/json'): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': type },
    body: type === 'application/json' ? JSON.stringify(body) : String(body),
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Answer
}

/** In chunks of some 60 kB. */
function* lines(tuples: Iterable<Tuple>): Generator<string> {
  let chunk = ''
  for (const { object, relation, subject, condition } of tuples) {
    chunk += `${JSON.stringify({ user: subject, relation, object, ...(condition && { condition }) })}\n`
    if (chunk.length < 60_000) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}
