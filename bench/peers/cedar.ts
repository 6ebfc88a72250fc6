/**
 * Cedar through its WebAssembly build: policies parsed once, and with every question the entities it touches: the
 * user with its groups, those above them, the agent and its workspace. Cedar stores nothing; an application would
 * have to read these first, which is not in the time.
 */
import { type EntityJson, preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import type { Dataset } from '../scenarios/scenario.ts'
import type { Decide } from './decide.ts'

const policies = `
permit (principal, action == Action::"can_use", resource)
when { principal in resource.sharedWith || principal in resource.workspace.viewers };
forbid (principal, action == Action::"can_use", resource)
when { resource.blocked.contains(principal) };
`

interface Named {
  readonly type: string
  readonly id: string
}

export function cedarOf(dataset: Dataset): Decide {
  const { groupsOf, lists } = index(dataset)
  const parsed = preparsePolicySet('bench', { staticPolicies: policies })
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed.errors))
  const above = memoised((subject: string) => closure(subject, groupsOf))
  const listed = (object: string, ...relations: readonly string[]) =>
    relations
      .flatMap((relation) => lists.get(`${object} ${relation}`) ?? [])
      .map((name) => ({ __entity: named(name) }))

  return ({ object, subject }) => {
    const [workspace = ''] = lists.get(`${object} workspace`) ?? []
    const entities: EntityJson[] = [
      ...above(subject),
      entity(workspace, { viewers: listed(workspace, 'viewer') }),
      entity(object, {
        sharedWith: listed(object, 'owner', 'editor', 'viewer'),
        workspace: { __entity: named(workspace) },
        blocked: listed(object, 'blocked'),
      }),
    ]
    const answer = statefulIsAuthorized({
      principal: named(subject),
      action: { type: 'Action', id: 'can_use' },
      resource: named(object),
      context: {},
      preparsedPolicySetId: 'bench',
      entities,
    })
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors))
    const { decision, diagnostics } = answer.response
    if (diagnostics.errors.length > 0) throw new Error(JSON.stringify(diagnostics.errors))
    return decision === 'allow'
  }
}

/** Groups by member, and the subjects of everything else by object and relation. */
function index(dataset: Dataset) {
  const groupsOf = new Map<string, string[]>()
  const lists = new Map<string, string[]>()
  const add = (map: Map<string, string[]>, key: string, value: string) => {
    const known = map.get(key)
    if (known === undefined) map.set(key, [value])
    else known.push(value)
  }
  for (const { object, relation, subject } of dataset.tuples()) {
    const name = subject.replace('#member', '')
    if (relation === 'member') add(groupsOf, name, object)
    else add(lists, `${object} ${relation}`, name)
  }
  return { groupsOf, lists }
}

/** The subject and every group above it, as entities that name their parents. */
function closure(subject: string, groupsOf: ReadonlyMap<string, readonly string[]>): EntityJson[] {
  const seen = new Set([subject])
  for (const name of seen) for (const group of groupsOf.get(name) ?? []) seen.add(group)
  return [...seen].map((name) => entity(name, {}, groupsOf.get(name) ?? []))
}

function entity(name: string, attrs: EntityJson['attrs'], parents: readonly string[] = []): EntityJson {
  return { uid: named(name), attrs, parents: parents.map(named) }
}

function named(name: string): Named {
  const colon = name.indexOf(':')
  return { type: name.slice(0, 1).toUpperCase() + name.slice(1, colon), id: name.slice(colon + 1) }
}

function memoised<Value>(make: (key: string) => Value): (key: string) => Value {
  const made = new Map<string, Value>()
  return (key) => {
    const known = made.get(key) ?? make(key)
    made.set(key, known)
    return known
  }
}
