/** A person as rules see them: made once for each version of what is kept of them, and asked many times. */
import type { Json, JsonObject } from '../../lib/json.ts'
import type { Shape } from '../condition/cost.ts'
import { parameterType } from '../condition/parameter.ts'
import { variable } from '../condition/syntax.ts'

export interface RuleUser {
  readonly email: string
  readonly domain: string
  readonly name: string
  readonly department: string
  readonly title: string
  readonly groups: readonly string[]
  /** The document, for what no variable names. @throws Error: it is nested too deeply */
  readonly attrs: unknown
  readonly document: JsonObject
  /** Whether their texts are no longer than most, so that what a rule costs need not be worked out for them. */
  readonly isOrdinary: boolean
}

/** What is kept of a person. @param groups - those of the identity provider */
export function ruleUser(kept: JsonObject, groups: readonly string[]): RuleUser {
  const { email, name, attributes } = kept
  return new Person(textOf(email), textOf(name), groups, isObject(attributes) ? attributes : {})
}

/** The same person with other groups. */
export function withGroups(user: RuleUser, groups: readonly string[]): RuleUser {
  return new Person(user.email, user.name, groups, user.document)
}

const textMax = 256
const groupsMax = 256
const documentMax = 64

function isOrdinary(person: Omit<RuleUser, 'isOrdinary' | 'attrs'>): boolean {
  const { email, name, groups, document } = person
  return (
    isShort(email) && isShort(name) && groups.length <= groupsMax && groups.every(isShort) && isFlat(document)
  )
}

/** Few short scalars, and lists of few. */
function isFlat(document: JsonObject): boolean {
  const values = Object.values(document)
  if (values.length > documentMax) return false
  for (const value of values) {
    if (!isShort(value) && !(isList(value) && value.length <= documentMax && value.every(isShort)))
      return false
  }
  return true
}

function isShort(value: Json): boolean {
  return typeof value === 'string' ? value.length <= textMax : typeof value !== 'object' || value === null
}

const text: Shape = { size: textMax, weight: 1 + textMax / 16 }
const values: Shape = { size: documentMax, weight: documentMax * text.weight, item: text }

/** The shapes of what an ordinary person has at most. */
export const ordinary: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ...['email', 'domain', 'name', 'department', 'title'].map((name): [string, Shape] => [
    variable(name),
    text,
  ]),
  [variable('groups'), { size: groupsMax, weight: groupsMax * text.weight, item: text }],
  [
    variable('attrs'),
    { size: documentMax, weight: documentMax * values.weight, item: { ...values, size: textMax }, key: text },
  ],
  [variable('now'), { size: 1, weight: 1 }],
])

const documentType = parameterType({
  type_name: 'TYPE_NAME_MAP',
  generic_types: [{ type_name: 'TYPE_NAME_ANY', generic_types: [] }],
})

class Person implements RuleUser {
  readonly email: string
  readonly name: string
  readonly groups: readonly string[]
  readonly document: JsonObject
  readonly isOrdinary: boolean
  #attrs: unknown

  constructor(email: string, name: string, groups: readonly string[], document: JsonObject) {
    this.email = email.toLowerCase()
    this.name = name
    this.groups = groups
    this.document = document
    this.isOrdinary = isOrdinary(this)
  }

  get domain(): string {
    return this.email.slice(this.email.lastIndexOf('@') + 1)
  }

  get department(): string {
    return textOf(this.document.department)
  }

  get title(): string {
    return textOf(this.document.title)
  }

  get attrs(): unknown {
    this.#attrs ??= documentType.convert(this.document)
    return this.#attrs
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
