/**
 * node-casbin with role inheritance: groups are roles, agents belong to workspaces, shares are allow rules, blocked
 * users deny rules that win. All rules in memory, decided by its synchronous enforcer.
 */
import { newEnforcer, newModelFromString } from 'casbin'
import type { Dataset } from '../scenarios/scenario.ts'
import type { Decide } from './decide.ts'

const model = `
[request_definition]
r = sub, obj
[policy_definition]
p = sub, obj, eft
[role_definition]
g = _, _
g2 = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g2(r.obj, p.obj) && g(r.sub, p.sub)
`

export async function casbinOf(dataset: Dataset): Promise<Decide> {
  const enforcer = await newEnforcer(newModelFromString(model))
  const [rules, roles, parents]: [string[][], string[][], string[][]] = [[], [], []]
  for (const { object, relation, subject } of dataset.tuples()) {
    const name = subject.replace('#member', '')
    if (relation === 'member') roles.push([name, object])
    else if (relation === 'workspace') parents.push([object, subject])
    else rules.push([name, object, relation === 'blocked' ? 'deny' : 'allow'])
  }
  await enforcer.addPolicies(unique(rules))
  await enforcer.addGroupingPolicies(roles)
  await enforcer.addNamedGroupingPolicies('g2', parents)
  await enforcer.buildRoleLinks()
  return ({ object, subject }) => enforcer.enforceSync(subject, object)
}

/** An owner may be a viewer too: one rule here. */
function unique(rules: readonly string[][]): string[][] {
  return [...new Map(rules.map((rule) => [rule.join(' '), rule])).values()]
}
