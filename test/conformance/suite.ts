/** OpenFGA's behaviour suite as data: its shape, how it is found, and how many of everything it must hold. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface WireTuple {
  readonly object: string
  readonly relation: string
  readonly user: string
  readonly condition?: { readonly name: string; readonly context?: object }
}

interface Assertion {
  readonly contextualTuples?: readonly WireTuple[] | null
  readonly context?: object | null
  readonly errorCode?: number
}

export interface CheckAssertion extends Assertion {
  readonly tuple: WireTuple
  readonly expectation?: boolean | null
}

export interface ListObjectsAssertion extends Assertion {
  readonly request: { readonly user: string; readonly type: string; readonly relation: string }
  readonly expectation?: readonly string[] | null
}

export interface ListUsersAssertion extends Assertion {
  readonly request: {
    readonly filters: readonly string[]
    readonly object: string
    readonly relation: string
  }
  readonly expectation?: readonly string[] | null
}

export interface Stage {
  readonly model: string
  readonly tuples?: readonly WireTuple[] | null
  readonly checkAssertions?: readonly CheckAssertion[] | null
  readonly listObjectsAssertions?: readonly ListObjectsAssertion[] | null
  readonly listUsersAssertions?: readonly ListUsersAssertion[] | null
}

export interface SuiteTest {
  readonly name: string
  readonly stages: readonly Stage[]
}

export interface Suite {
  readonly name: string
  readonly tests: readonly SuiteTest[]
}

/** So that nothing is skipped in silence. */
export const counts: Readonly<Record<string, object>> = {
  core: { tests: 73, stages: 85, checks: 212, listObjects: 140, listUsers: 152 },
  abac: { tests: 15, stages: 18, checks: 76, listObjects: 52, listUsers: 58 },
}

/** The folder is `KITH_CONFORMANCE`; undefined when it is unset. */
export function loadSuites(): readonly Suite[] | undefined {
  const folder = process.env.KITH_CONFORMANCE
  if (folder === undefined || folder === '') return undefined
  return Object.keys(counts).map((name) => {
    const { tests }: { tests: SuiteTest[] } = JSON.parse(
      readFileSync(join(folder, `openfga-${name}.json`), 'utf8'),
    )
    return { name, tests }
  })
}

/** The codes that the suite expects, by number. */
export const codeNames: Readonly<Record<number, string>> = {
  2000: 'validation_error',
  2002: 'authorization_model_resolution_too_complex',
  2021: 'type_not_found',
  2022: 'relation_not_found',
  2027: 'invalid_tuple',
}
