/**
 * Random calls of the management API under each preset, two organizations with the same ids side by side: statuses,
 * checks and lists are what plain rules say, after every single call, with memory warm.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Organization, sharedDirectory } from './http.ts'
import { type Choice, callOf, userIds, verbOf } from './plain/steps.ts'
import { emptyWorld, products, type Rules, type World } from './plain/world.ts'

const directory = await sharedDirectory()

const number = fc.noBias(fc.nat({ max: 999 }))
const choice: fc.Arbitrary<Choice & { readonly tenant: number; readonly plan: number }> = fc.record({
  verb: number,
  actor: number,
  one: number,
  two: number,
  three: number,
  tenant: fc.noBias(fc.nat({ max: 1 })),
  /** Now and then the platform sells another plan. */
  plan: fc.noBias(fc.nat({ max: 40 })),
})

interface Tenant {
  readonly organization: Organization
  readonly world: World
}

const people = ['boss', ...userIds]

/** What the rules say and what the API says of everybody and every resource. */
async function compare(rules: Rules, { organization, world }: Tenant): Promise<void> {
  const questions = people.flatMap((user) =>
    [...world.resources].flatMap(([id, resource]) =>
      Object.entries(rules.answers(world, user, resource)).map(([relation, expected]) => ({
        user: `user:${user}`,
        relation,
        object: `${rules.type}:${id}`,
        expected: expected && world.users.has(user),
      })),
    ),
  )
  for (let from = 0; from < questions.length; from += 50) {
    const some = questions.slice(from, from + 50)
    const checks = some.map(({ expected: _, ...tuple_key }, index) => ({
      tuple_key,
      correlation_id: `c${index}`,
    }))
    const { status, body } = await directory.ask('POST', `/stores/${organization.id}/batch-check`, { checks })
    expect(status).toBe(200)
    const got = some.map((question, index) => ({ ...question, expected: body.result[`c${index}`].allowed }))
    expect(got).toEqual(some)
  }
}

async function compareLists(rules: Rules, { organization, world }: Tenant): Promise<void> {
  const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id).sort()
  for (const user of people.filter((one) => world.users.has(one))) {
    const ask = organization.as(user)
    const found = await ask('GET', `/resources/${rules.kind}`)
    const expected = [...world.resources].filter(([, resource]) => rules.finds(world, user, resource))
    expect([user, idsOf(found.body.resources)]).toEqual([user, expected.map(([id]) => id).sort()])
    if (!rules.hasGroups) continue
    const groups = await ask('GET', '/groups')
    const seen = [...world.groups].filter(([id, group]) => rules.sees(world, user, group, id))
    expect([user, idsOf(groups.body.groups)]).toEqual([user, seen.map(([id]) => id).sort()])
    for (const [id, group] of seen) {
      const { status, body } = await ask('GET', `/groups/${id}/members`)
      if (status === 200) expect(idsOf(body.members)).toEqual([...group.members.keys()].sort())
    }
  }
}

describe.each(products)('$preset', (rules) => {
  test('X1, X6: random calls come to what the rules say, and tenants never meet', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(choice, { minLength: opening.length, maxLength: opening.length }),
        fc.array(choice, { minLength: 20, maxLength: 60 }),
        async (first, choices) => {
          const tenants = [await tenantOf(rules), await tenantOf(rules)] as const
          // Both begin alike, with people, groups and resources: of nothing nothing can be done.
          for (const tenant of tenants) {
            for (const [index, made] of first.entries()) {
              await play(rules, tenant, { ...made, actor: 0, verb: verbOf(opening[index] ?? 'createUser') })
            }
          }
          for (const { tenant, plan, ...made } of choices) {
            const touched = tenants[tenant] ?? tenants[0]
            if (rules.hasPlans && plan < 4) await sell(touched, plan === 0 ? 'free' : 'pro')
            await play(rules, touched, made)
            await compare(rules, touched)
          }
          for (const each of tenants) {
            await compare(rules, each)
            await compareLists(rules, each)
          }
        },
      ),
      { numRuns: 6 },
    )
  })
})

/** What every organization begins with, by its first user. */
const opening = [
  ...Array<'createUser'>(6).fill('createUser'),
  ...Array<'createResource'>(5).fill('createResource'),
  ...Array<'createGroup'>(4).fill('createGroup'),
  ...Array<'addMember'>(6).fill('addMember'),
]

async function tenantOf(rules: Rules): Promise<Tenant> {
  const tenant = { organization: await directory.organization(rules.preset), world: emptyWorld() }
  if (rules.hasPlans) await sell(tenant, 'pro')
  return tenant
}

async function sell({ organization, world }: Tenant, plan: string): Promise<void> {
  const sold = await directory.ask('PUT', `/v1/orgs/${organization.id}/plan`, { plan })
  expect(sold.status).toBe(200)
  world.plan = plan
}

async function play(rules: Rules, { organization, world }: Tenant, made: Choice): Promise<void> {
  const { actor, method, path, body, refused, apply } = callOf(rules, world, made)
  const before = answersOf(rules, world)
  const rehearsed =
    made.three % 3 === 0 ? await rehearse(rules, organization, { actor, method, path, body }) : undefined
  const { status, body: got } = await organization.as(actor)(method, path, body)
  const told = { actor, method, path, body, status, error: got?.error, refused: [...refused] }
  const isRight = refused.size === 0 ? status < 300 : refused.has(status)
  expect([isRight, told]).toEqual([true, told])
  if (refused.size === 0) apply(got)
  if (rehearsed === undefined) return
  expect([told, rehearsed.status]).toEqual([told, refused.size === 0 ? 200 : status])
  if (refused.size > 0) return
  const after = answersOf(rules, world)
  const changed = [...new Set([...before, ...after])].filter((each) => before.has(each) !== after.has(each))
  const expected = changed.map((each) => `${after.has(each) ? 'gains' : 'loses'} ${each}`).sort()
  // An acting user who may not look everything over is told of less, and never of more.
  if (rehearsed.hidden) expect([told, expected]).toEqual([told, expect.arrayContaining([...rehearsed.rows])])
  else expect([told, rehearsed.rows]).toEqual([told, expected])
}

/** Every yes about resources. */
function answersOf(rules: Rules, world: World): ReadonlySet<string> {
  const yes = [...world.users.keys()].flatMap((user) =>
    [...world.resources].flatMap(([id, resource]) =>
      Object.entries(rules.answers(world, user, resource)).flatMap(([relation, allowed]) =>
        allowed ? [`user:${user} ${relation} ${rules.type}:${id}`] : [],
      ),
    ),
  )
  return new Set(yes)
}

/** What a call would change, of what the rules are asked about. */
async function rehearse(
  rules: Rules,
  organization: Organization,
  { actor, method, path, body }: { actor: string; method: string; path: string; body: object | undefined },
): Promise<{ readonly status: number; readonly hidden: boolean; readonly rows: readonly string[] }> {
  const nothing = { maker: '', live: false, users: new Map(), groups: new Map() }
  const asked = new Set(Object.keys(rules.answers(emptyWorld(), '', nothing)))
  const rows: string[] = []
  let token = ''
  for (;;) {
    const query = `${path.includes('?') ? '&' : '?'}dryRun=true&pageSize=40&continuationToken=${token}`
    const answer = await organization.as(actor)(method, path + query, body)
    if (answer.status !== 200) return { status: answer.status, hidden: false, rows: [] }
    for (const row of answer.body.rows) {
      if (asked.has(row.relation) && row.object.startsWith(`${rules.type}:`)) {
        rows.push(`${row.change} ${row.subject} ${row.relation} ${row.object}`)
      }
    }
    token = answer.body.continuationToken
    if (token === '') return { status: 200, hidden: answer.body.hidden, rows: rows.sort() }
  }
}
