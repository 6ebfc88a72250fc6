/** Tells a story: each request, its answer and, of a question, the explanation; held to what the story says. */
import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../lib/json.ts'
import { partIn } from './answer.ts'
import { drawExplanation, type Explanation } from './explanation.ts'
import { Failure } from './failure.ts'
import type { Management, Question, Step, Story } from './story.ts'
import { paint, print } from './terminal.ts'

interface Told {
  readonly status: number
  readonly body: JsonObject
}

/** One request to the sidecar; `actor` is the id of a user. */
export type Ask = (method: string, path: string, body?: JsonObject, actor?: string) => Promise<Told>

/** @throws Failure at the first answer that is not the story's */
export async function tell(story: Story, ask: Ask): Promise<void> {
  print(`\n${paint('bold', story.title)}\n${story.about}\n`)
  const owner = { id: 'boss', name: 'Bo Boss', email: 'boss@example.com' }
  const made = await ask('POST', '/v1/orgs', { name: story.title, preset: story.preset, owner })
  if (made.status !== 201) throw new Failure(`no organization: ${JSON.stringify(made.body)}`)
  const teller = new Teller(ask, String(made.body.id))
  for (const step of story.steps) await teller.step(step)
}

class Teller {
  readonly #ask: Ask
  readonly #path: string
  /** What was kept, by name. */
  readonly #kept = new Map<string, string>()

  constructor(ask: Ask, organization: string) {
    this.#ask = ask
    this.#path = `/v1/orgs/${organization}`
  }

  async step(step: Step): Promise<void> {
    if (step.say !== undefined) print(paint('bold', `* ${step.say}`))
    if ('can' in step) await this.#question(step)
    else await this.#management(step)
  }

  async #management({ as, do: what, with: body, status, answer, keep = {} }: Management): Promise<void> {
    const [method = '', path = ''] = this.#filled(what).split(' ', 2)
    const sent = body === undefined ? undefined : (this.#filledJson(body) as JsonObject)
    const shown = sent === undefined ? '' : ` ${JSON.stringify(sent)}`
    print(`  ${paint('dim', `${as === '' ? 'the platform' : as}:`)} ${method} ${path}${shown}`)
    const got = await this.#ask(method, this.#path + path, sent, as === '' ? undefined : as)
    print(`    ${got.status}  ${shortened(JSON.stringify(got.body))}`)
    if (got.status !== status) throw new Failure(`the story says ${status}`)
    if (answer !== undefined && !holds(got.body, this.#filledJson(answer))) {
      throw new Failure(`the story says ${JSON.stringify(this.#filledJson(answer))}`)
    }
    for (const [name, field] of Object.entries(keep)) this.#kept.set(name, String(got.body[field]))
  }

  async #question({ can, is }: Question): Promise<void> {
    const [user = '', relation = '', object = ''] = can.map((text) => this.#filled(text))
    const question = { user: `user:${user}`, relation, object }
    print(`  may ${user} ${relation} ${object}?`)
    const { body } = await this.#ask('POST', `${this.#path}/check`, question)
    const allowed = body.allowed === true
    print(`    ${allowed ? paint('green', 'yes') : paint('red', 'no')}`)
    const why = await this.#ask('POST', `${this.#path}/explain`, question)
    const explanation = partIn<Explanation>(why.body, 'explanation')
    for (const line of drawExplanation(explanation).split('\n')) print(`      ${line}`)
    if (typeof body.allowed !== 'boolean' || allowed !== is || why.body.allowed !== is) {
      throw new Failure(`the story says ${is ? 'yes' : 'no'}`)
    }
  }

  #filled(text: string): string {
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => this.#kept.get(name) ?? whole)
  }

  #filledJson(value: Json): Json {
    if (typeof value === 'string') return this.#filled(value)
    if (Array.isArray(value)) return value.map((each: Json) => this.#filledJson(each))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#filledJson(each)]))
  }
}

/** Whether `part` is in `whole`: objects by the fields named, lists item by item. */
function holds(whole: Json | undefined, part: Json): boolean {
  if (Array.isArray(part)) {
    if (!Array.isArray(whole) || whole.length !== part.length) return false
    return part.every((each: Json, index) => holds(whole[index] as Json, each))
  }
  if (typeof part !== 'object' || part === null) return isDeepStrictEqual(whole, part)
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false
  return Object.entries(part).every(([name, each]) => holds((whole as JsonObject)[name], each))
}

const lineMax = 300

function shortened(text: string): string {
  return text.length <= lineMax ? text : `${text.slice(0, lineMax)} ...`
}
