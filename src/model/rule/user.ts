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
  /** What it was made of. */
  readonly kept: JsonObject
  /** Whether their texts are no longer than most, so that what a rule costs need not be worked out for them. */
  readonly isOrdinary: boolean
}

/** What is kept of a person. @param groups - those of the identity provider */
export function ruleUser(kept: JsonObject, groups: readonly string[]): RuleUser {
  return new Person(kept, groups)
}

/** The same person with other groups. */
export function withGroups(user: RuleUser, groups: readonly string[]): RuleUser {
  return new Person(user.kept, groups)
}

const textMax = 256
const groupsMax = 256
const documentMax = 64

function isOrdinary({
  email,
  name,
  department,
  title,
  groups,
  document,
}: Omit<RuleUser, 'isOrdinary'>): boolean {
  return (
    [email, name, department, title].every((text) => text.length <= textMax) &&
    groups.length <= groupsMax &&
    groups.every((text) => text.length <= textMax) &&
    isFlat(document)
  )
}

/** Few short scalars, and lists of few. */
function isFlat(document: JsonObject): boolean {
  const isShort = (value: Json) =>
    typeof value === 'string' ? value.length <= textMax : typeof value !== 'object' || value === null
  const isFew = (values: readonly Json[]) => values.length <= documentMax
  const values = Object.values(document)
  return (
    isFew(values) &&
    values.every((each) => isShort(each) || (isList(each) && isFew(each) && each.every(isShort)))
  )
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
  readonly domain: string
  readonly name: string
  readonly department: string
  readonly title: string
  readonly groups: readonly string[]
  readonly document: JsonObject
  readonly kept: JsonObject
  readonly isOrdinary: boolean
  #attrs: unknown

  constructor(kept: JsonObject, groups: readonly string[]) {
    const { email, name, attributes } = kept
    this.kept = kept
    this.document = isObject(attributes) ? attributes : {}
    this.email = textOf(email).toLowerCase()
    this.domain = this.email.slice(this.email.lastIndexOf('@') + 1)
    this.name = textOf(name)
    this.department = textOf(this.document.department)
    this.title = textOf(this.document.title)
    this.groups = groups
    this.isOrdinary = isOrdinary(this)
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
