/** Requests as bytes, each with what its answer has to be. Rendered before the clock runs. */
import { draw } from '../scenarios/draw.ts'
import { steps } from '../scenarios/mix.ts'
import type { Question, Scale, Scenario } from '../scenarios/scenario.ts'

export interface Request {
  readonly bytes: Buffer
  /** Of its path. */
  readonly verb: string
  /** Questions it asks: 50 in a batch. */
  readonly checks: number
  /** Whether a body answers it rightly: all of the bytes, or those from one place to another. */
  readonly judge: (bytes: Buffer, from?: number, to?: number) => boolean
}

/** What is sent. */
export type Profile = 'check' | 'batch' | 'mix' | 'mix-quiet' | 'mix-lists' | 'write'

export interface Target {
  readonly host: string
  readonly store: string
}

const batchSize = 50

/** Requests of one connection, which sends them one after the other, and again from the first. */
export function requestsOf(
  { host, store }: Target,
  {
    scenario,
    scale,
    profile,
    lane,
    count,
  }: {
    readonly scenario: Scenario
    readonly scale: Scale
    readonly profile: Profile
    readonly lane: number
    readonly count: number
  },
): readonly Request[] {
  const post = (verb: string, body: object, checks: number, judge: Request['judge']): Request => ({
    bytes: render(`/stores/${store}/${verb}`, host, JSON.stringify(body)),
    verb,
    checks,
    judge,
  })
  const check = (question: Question) =>
    post('check', bodyOf(question), 1, question.allowed ? isAllow : isDeny)
  const write = (operation: string, { object, relation, subject }: Omit<Question, 'allowed'>) =>
    post('write', { [`${operation}s`]: { tuple_keys: [{ user: subject, relation, object }] } }, 0, isEmpty)

  const questions = draw(scenario.at(scale), scenario.skew, lane * 7919 + 1)
  switch (profile) {
    case 'check':
      return Array.from({ length: count }, () => check(questions.next().value))
    case 'batch':
      return Array.from({ length: Math.ceil(count / batchSize) }, () => {
        const asked = Array.from({ length: batchSize }, () => questions.next().value)
        const checks = asked.map((question, turn) => ({ ...bodyOf(question), correlation_id: `c${turn}` }))
        return post('batch-check', { checks }, batchSize, isBatchOf(asked))
      })
    case 'write': {
      // All are written, then all are deleted: the round ends where it began.
      const keys = Array.from({ length: Math.ceil(count / 2) }, (_, turn) => ({
        object: `group:load${lane}`,
        relation: 'member',
        subject: `user:load${turn}`,
      }))
      return [...keys.map((key) => write('write', key)), ...keys.map((key) => write('delete', key))]
    }
    case 'mix':
    case 'mix-quiet':
    case 'mix-lists': {
      const made: Request[] = []
      for (const step of steps(scale, lane, profile === 'mix')) {
        if (profile === 'mix-lists' && step.kind !== 'list') continue
        // Whole rounds of a hundred: what was written is deleted.
        if (made.length >= count && made.length % 100 === 0) break
        if (step.kind === 'check') made.push(check(step.question))
        else if (step.kind === 'write') made.push(write(step.operation, step.tuple))
        else {
          const body = { type: 'agent', relation: 'can_use', user: step.subject }
          made.push(post('list-objects', body, 0, isListOf(step.objects)))
        }
      }
      return made
    }
  }
}

/** The same, whatever their bodies are: of a server that knows no answers. */
export function unjudged(requests: readonly Request[]): readonly Request[] {
  return requests.map((request) => ({ ...request, judge: always }))
}

/** A check of each question, in turns. */
export function checksOf({ host, store }: Target, questions: readonly Question[]): readonly Request[] {
  return questions.map((question) => ({
    bytes: render(`/stores/${store}/check`, host, JSON.stringify(bodyOf(question))),
    verb: 'check',
    checks: 1,
    judge: question.allowed ? isAllow : isDeny,
  }))
}

function bodyOf({ object, relation, subject, context }: Question): object {
  return { tuple_key: { user: subject, relation, object }, ...(context && { context }) }
}

function render(path: string, host: string, body: string): Buffer {
  const length = Buffer.byteLength(body)
  const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
  return Buffer.from(head + body)
}

const allow = Buffer.from('{"allowed":true')
const deny = Buffer.from('{"allowed":false')
const always = (): boolean => true
const isAllow = (bytes: Buffer, from = 0): boolean => begins(bytes, from, allow)
const isDeny = (bytes: Buffer, from = 0): boolean => begins(bytes, from, deny)
const isEmpty = (bytes: Buffer, from = 0, to = bytes.length): boolean => to - from === 2

function begins(bytes: Buffer, from: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[from + i] !== expected[i]) return false
  return true
}

function isBatchOf(asked: readonly Question[]): Request['judge'] {
  return (bytes, from, to) => {
    const { result } = JSON.parse(bytes.toString('utf8', from, to)) as {
      result: Record<string, { allowed?: boolean }>
    }
    return asked.every(({ allowed }, turn) => result[`c${turn}`]?.allowed === allowed)
  }
}

function isListOf(objects: readonly string[]): Request['judge'] {
  const expected = [...objects].sort().join()
  return (bytes, from, to) => {
    const answer = JSON.parse(bytes.toString('utf8', from, to)) as { objects: string[] }
    return answer.objects.sort().join() === expected
  }
}
