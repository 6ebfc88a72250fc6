/**
 * What a rule may say: the variables that every person has, and what can be called. Conditions' environment with a few
 * helpers for text; nothing of tuples or contexts.
 */
import type { Environment } from '@marcbachmann/cel-js'
import { base, conditionWords, macros, prefix, type Words } from '../condition/standard.ts'
import { variable } from '../condition/syntax.ts'

/** Variable -> its type in CEL. */
const variables = {
  email: 'string',
  domain: 'string',
  name: 'string',
  department: 'string',
  title: 'string',
  groups: 'list<string>',
  attrs: 'map<string, dyn>',
  now: 'timestamp',
} as const

export type Variable = keyof typeof variables

export const variableNames: readonly Variable[] = Object.keys(variables) as Variable[]

export function isVariable(name: string): name is Variable {
  return Object.hasOwn(variables, name)
}

/** Texts that are compared without case: what a person has is in small letters, and so is what a rule compares it with. */
export const folded: ReadonlySet<string> = new Set(['email', 'domain'])

/** Characters of a rule. */
export const ruleLengthMax = 3072

/** An address of a condition is none of a person. */
function without(words: ReadonlyMap<string, readonly number[]>, ...names: readonly string[]) {
  return [...words].filter(([name]) => !names.includes(name))
}

const texts = ['lowerAscii', 'upperAscii', 'trim']

export const ruleWords: Words = {
  functions: new Map(without(conditionWords.functions, 'ipaddress')),
  methods: new Map([
    ...without(conditionWords.methods, 'in_cidr'),
    ...texts.map((name): [string, readonly number[]] => [name, [0]]),
  ]),
  replaced: new Set([...conditionWords.replaced, ...texts]),
}

export const macroNames: readonly string[] = [...macros.keys()]

/** As in CEL's strings extension: letters beyond ASCII stay, and space is what Unicode calls space. */
const handlers: Readonly<Record<string, (text: string) => string>> = {
  lowerAscii: (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  upperAscii: (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  trim: (text) => text.trim(),
}

export const environment: Environment = base.clone({ limits: { maxAstNodes: 500 } })

for (const [name, type] of Object.entries(variables)) environment.registerVariable(variable(name), type)
for (const [name, handler] of Object.entries(handlers)) {
  environment.registerFunction(`string.${prefix}${name}(): string`, handler, { async: false })
}
