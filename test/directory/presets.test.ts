/** The presets of the package, and of an operator: what is right is loaded, what is not is refused with file, field and fix. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { readPresetsInUse } from '../../src/directory/preset/in-use.ts'
import type { Need, Preset } from '../../src/directory/preset/preset.ts'
import { presetsOf } from '../../src/directory/preset/presets.ts'
import type { JsonObject } from '../../src/lib/json.ts'
import { compileModel } from '../../src/model/compile.ts'
import { startSidecar } from '../../src/sidecar.ts'
import { openDirectory } from './http.ts'

const schema = new URL('../../schema/', import.meta.url)
const ids = ['client-portal', 'default', 'enterprise', 'group-only', 'sharing', 'training']
const isValid = new Ajv({ allErrors: true, strictTypes: false }).compile(
  JSON.parse(await readFile(new URL('preset.schema.json', schema), 'utf8')),
)
const shipped = presetsOf()

test('six presets are shipped, by id', async () => {
  expect((await shipped.list()).map(({ id }) => id)).toEqual(ids)
})

test('one that is not there is not found, and those that are there are named', async () => {
  await expect(shipped.get('crm')).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('default, enterprise'),
  })
})

describe.each(ids)('%s', (id) => {
  let preset: Preset
  beforeAll(async () => {
    preset = await shipped.get(id)
  })

  test('the schema for editors takes the file', async () => {
    const json = JSON.parse(await readFile(new URL(`presets/${id}.json`, schema), 'utf8'))
    expect([isValid(json), isValid.errors]).toEqual([true, null])
  })

  test('every action and permission is a relation of the model', () => {
    const model = compileModel(id, preset.model)
    const needed = kindsOf(preset).flatMap(({ type, actions, permissions }) => [
      ...Object.entries(actions).map(([action, need]) => [type, need?.relation ?? '', action] as const),
      ...permissions.map(({ relation }) => [type, relation, 'permissions'] as const),
    ])
    expect(needed.length).toBeGreaterThan(20)
    expect(needed.filter(([type, relation]) => model.relation(type, relation) === undefined)).toEqual([])
  })

  test('everybody can be audited, listed and told about', () => {
    const { actions } = preset.organization
    expect(Object.keys(actions)).toEqual(
      expect.arrayContaining(['organization.view', 'user.list', 'permissions.view', 'changes.view']),
    )
  })
})

test('those that organizations stand on are read before anybody asks, and one that cannot be is left to who asks', async () => {
  const { ground, organization } = await openDirectory()
  const ones = [await organization('sharing'), await organization('training'), await organization('sharing')]
  await ground.service.storage.createStore('no organization')
  const read: string[] = []
  const presets = {
    ...ground.presets,
    async get(id: string) {
      read.push(id)
      if (id === 'training') throw new Error('it cannot be read')
      return await ground.presets.get(id)
    },
  }
  await readPresetsInUse({ ...ground, presets })
  expect(read.toSorted()).toEqual(['sharing', 'sharing', 'training'])
  await ground.service.storage.deleteStore(ones[0]?.id ?? '')
  read.length = 0
  await readPresetsInUse({ ...ground, presets })
  expect(read.toSorted()).toEqual(['sharing', 'training'])
})

describe('over HTTP', () => {
  test('all of them, by id', async () => {
    const { ask } = await openDirectory()
    const { status, body } = await ask('GET', '/v1/presets')
    expect([status, body.presets.map(({ id }: { id: string }) => id)]).toEqual([200, ids])
    expect(Object.keys(body.presets[0])).toEqual(['id', 'title', 'description'])
  })

  test('one, with what a screen is drawn from, and its model as it was written', async () => {
    const { ask } = await openDirectory()
    const { status, body } = await ask('GET', '/v1/presets/enterprise')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      labels: { group: 'Group', data_source: 'Data source', data_sources: 'Data sources' },
      group: {
        requiredFields: ['description'],
        memberRoles: [{ id: 'manager', rank: 20 }, { id: 'member' }],
      },
      resources: {
        agent: {
          levels: [
            { id: 'edit' },
            { id: 'view_use', label: 'View & Use', aliases: expect.arrayContaining(['view & use']) },
          ],
        },
      },
    })
    expect(body.model).toBe(await readFile(new URL('models/enterprise.fga', schema), 'utf8'))
  })

  test('one that is not there', async () => {
    const { ask } = await openDirectory()
    expect(await ask('GET', '/v1/presets/crm')).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    })
  })
})

interface Kind {
  readonly type: string
  readonly actions: Readonly<Record<string, Need | undefined>>
  readonly permissions: Preset['organization']['permissions']
}

function kindsOf({ organization, group, resources }: Preset): readonly Kind[] {
  return [organization, ...(group === undefined ? [] : [group]), ...Object.values(resources)]
}

describe('of an operator', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kith-presets-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const dsl = `model
  schema 1.1
type user
type plan
  relations
    define teams: [user:*]
type clinic
  relations
    define head: [user]
    define staff: [user] or head
    define tier: [plan]
    define may_run: head
    define may_open: head and teams from tier
type team
  relations
    define clinic: [clinic]
    define nurse: [user]
    define under: [team]
    define shut: [user:*]
    define may_see: nurse or staff from clinic
type chart
  relations
    define clinic: [clinic]
    define reader: [user, team#nurse]
    define author: [user]
    define may_read: reader
`
  const clinic = {
    id: 'clinic',
    title: 'Clinic',
    description: 'Teams of nurses and the charts they read.',
    model: 'clinic.fga',
    organization: {
      type: 'clinic',
      label: 'Clinic',
      plural: 'Clinics',
      roles: [
        { id: 'head', label: 'Head', rank: 2, relation: 'head', give: 'may_run' },
        { id: 'staff', label: 'Staff', rank: 1, relation: 'staff', give: 'may_run' },
      ],
      defaultRole: 'staff',
      memberRelation: 'staff',
      actions: {
        'organization.view': 'staff',
        'group.create': { relation: 'may_open', entitlement: 'teams' },
      },
    },
    group: {
      type: 'team',
      label: 'Team',
      plural: 'Teams',
      memberRoles: [{ id: 'nurse', label: 'Nurse', rank: 1, relation: 'nurse', give: 'may_see' }],
      memberRelation: 'nurse',
      tuples: [{ object: '{object}', relation: 'clinic', subject: '{organization}' }],
      actions: { discover: 'may_see', view: 'may_see', 'attach:chart': 'may_see' },
    },
    resources: {
      chart: {
        type: 'chart',
        label: 'Chart',
        plural: 'Charts',
        levels: [
          { id: 'reader', label: 'Reader', rank: 1, relation: 'reader', group: 'nurse', direct: true },
        ],
        tuples: [{ object: '{object}', relation: 'clinic', subject: '{organization}' }],
        actions: { discover: 'may_read', view: 'may_read' },
        permissions: { may_read: 'Read' },
      },
    },
    plans: {
      relation: 'tier',
      type: 'plan',
      ladder: [
        { id: 'none', label: 'None', entitlements: [] },
        { id: 'all', label: 'All', entitlements: ['teams'] },
      ],
      default: 'none',
    },
  }

  async function loading(preset: object, text = dsl): Promise<Preset> {
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true })
    await writeFile(join(folder, 'clinic.json'), JSON.stringify(preset))
    await writeFile(join(folder, 'clinic.fga'), text)
    return presetsOf([folder]).get('clinic')
  }

  test('a seventh is two new files', async () => {
    expect(await loading(clinic)).toMatchObject({
      labels: { organization: 'Clinic', groups: 'Teams', chart: 'Chart' },
      organization: { roles: [{ id: 'head', take: 'may_run', change: 'may_run', aliases: [] }, {}] },
      tuples: [{ object: 'plan:all', relation: 'teams', subject: 'user:*' }],
      dsl,
    })
    expect(isValid(clinic)).toBe(true)
    expect((await presetsOf([folder]).list()).map(({ id }) => id)).toEqual([...ids, 'clinic'].sort())
  })

  test('and organizations are made of it', async () => {
    await loading(clinic)
    const { ask, organization } = await openDirectory({ folders: [folder] })
    const { id, as } = await organization('clinic')
    expect(await as('boss')('GET', '')).toMatchObject({
      status: 200,
      body: { preset: 'clinic', plan: 'none' },
    })
    const check = (relation: string, object = `clinic:${id}`) =>
      ask('POST', `/stores/${id}/check`, { tuple_key: { user: 'user:boss', relation, object } })
    expect((await check('may_run')).body).toMatchObject({ allowed: true })
    expect((await check('teams', 'plan:all')).body).toMatchObject({ allowed: true })
    // The preset has no such action: it is refused as such, and not by a rule of another product.
    expect(await as('boss')('POST', '/users', { id: 'ann' })).toMatchObject({
      status: 422,
      body: { error: { code: 'not_in_preset' } },
    })
  })

  test('D26: an account is changed by who may change its role, besides `user.update`', async () => {
    const helped = dsl.replace(
      '    define may_run: head',
      '    define may_run: head\n    define may_help: staff',
    )
    const actions = { ...clinic.organization.actions, 'user.create': 'may_run', 'user.update': 'may_help' }
    const [head, staff] = clinic.organization.roles
    const roles = [head, { ...staff, change: 'may_help' }]
    await loading({ ...clinic, organization: { ...clinic.organization, roles, actions } }, helped)
    const { organization } = await openDirectory({ folders: [folder] })
    const { as } = await organization('clinic')
    for (const id of ['ann', 'bob']) {
      expect((await as('boss')('POST', '/users', { id, email: `${id}@example.com` })).status).toBe(201)
    }
    const ann = as('ann')
    expect(await ann('PATCH', '/users/bob', { name: 'Bob' })).toMatchObject({ status: 200 })
    const forbidden = (role: string) => ({
      status: 403,
      body: { error: { code: 'forbidden', message: expect.stringContaining(`changing the role ${role}`) } },
    })
    expect(await ann('PATCH', '/users/boss', { email: 'mine@example.com' })).toMatchObject(forbidden('head'))
    expect(await ann('PATCH', '/users/boss', { role: 'staff' })).toMatchObject(forbidden('head'))
    expect(await ann('PATCH', '/users/ann', { role: 'head' })).toMatchObject(forbidden('head'))
    // Whether somebody is active is whether they have their role.
    for (const [active, act] of [
      [false, 'taking'],
      [true, 'giving'],
    ] as const) {
      const refusal = {
        status: 403,
        body: { error: { code: 'forbidden', message: expect.stringContaining(`${act} the role staff`) } },
      }
      expect(await ann('PATCH', '/users/bob', { active })).toMatchObject(refusal)
      expect(await as('boss')('PATCH', '/users/bob', { active })).toMatchObject({ status: 200 })
    }
    expect(await as('boss')('PATCH', '/users/ann', { role: 'head' })).toMatchObject({ status: 200 })
  })

  test('and groups in these, by its own words and rules', async () => {
    await loading(changed(clinic, 'group.creatorRole', 'nurse'))
    const { ask, organization, ground } = await openDirectory({ folders: [folder] })
    const { id, as } = await organization('clinic')
    const boss = as('boss')
    const night = { name: 'Night shift' }
    expect(await boss('POST', '/groups', night)).toMatchObject({
      status: 403,
      body: { error: { code: 'plan_required:all' } },
    })
    const tier = { object: `clinic:${id}`, relation: 'tier' }
    // No raw tuple changes the plan.
    const raw = await ask('POST', `/stores/${id}/write`, {
      writes: { tuple_keys: [{ ...tier, user: 'plan:all' }] },
    })
    expect(raw).toMatchObject({ status: 403, body: { code: 'reserved' } })
    await ground.service.storage.commit(id, {
      writes: [{ ...tier, subject: 'plan:all' }],
      deletes: [{ ...tier, subject: 'plan:none' }],
    })
    const made = await boss('POST', '/groups', night)
    expect(made).toMatchObject({ status: 201, body: night })
    const asked = { user: 'user:boss', relation: 'nurse', object: `team:${made.body.id}` }
    expect((await ask('POST', `/stores/${id}/check`, { tuple_key: asked })).body.allowed).toBe(true)
    expect(await boss('POST', '/groups', { ...night, category: 'role' })).toMatchObject({
      status: 422,
      body: { error: { code: 'not_in_preset', field: 'category' } },
    })
  })

  /** Where, what instead (undefined: nothing), the words. The schema for editors refuses those of shape too. */
  const broken: [path: string, instead: unknown, words: string, byShape?: 'shape'][] = [
    ['id', 'Clinic', 'id: "Clinic" is not an id', 'shape'],
    ['id', 'hospital', 'id: `hospital` is not the name of its file'],
    ['title', '', 'title: "" is not a text', 'shape'],
    ['description', undefined, 'description: is missing; it is a text', 'shape'],
    ['resource', {}, 'resource: there is no such field; did you mean `resources`?', 'shape'],
    ['model', 'clinik.fga', 'model: '],
    [
      'organization.type',
      'klinic',
      'organization.type: the model has no type `klinic`; did you mean `clinic`?',
    ],
    ['organization.roles', [], 'organization.roles: there has to be one'],
    [
      'organization.roles.0.rank',
      'high',
      'organization.roles[0].rank: "high" is not a whole number',
      'shape',
    ],
    ['organization.roles.1.rank', 2, 'organization.roles[1].rank: 2 is not below 2'],
    ['organization.roles.1.id', 'head', 'organization.roles: `head` names two of them'],
    ['organization.roles.1.aliases', ['HEAD'], 'organization.roles: `head` names two of them'],
    ['organization.roles.0.relation', 'haed', '`clinic` has no relation `haed`; did you mean `head`?'],
    ['organization.roles.0.relation', 'may_run', '`clinic#may_run` does not take `user`'],
    [
      'organization.roles.0.take',
      'may_ran',
      'organization.roles[0].take: `clinic` has no relation `may_ran`',
    ],
    [
      'organization.defaultRole',
      'staf',
      'organization.defaultRole: there is no `staf`; did you mean `staff`?',
    ],
    ['organization.keeps', ['boss'], 'organization.keeps: there is no `boss`'],
    ['organization.memberRelation', 'all', 'organization.memberRelation: `clinic` has no relation `all`'],
    ['organization.operatorRelation', 'may_run', '`clinic#may_run` does not take `user`'],
    [
      'organization.actions.organization.view',
      undefined,
      'organization.actions: `organization.view` is missing',
    ],
    [
      'organization.actions.user.lst',
      'staff',
      'organization.actions["user.lst"]: there is no such action here',
      'shape',
    ],
    ['organization.actions.resource.create:char', 'staff', 'did you mean `resource.create:chart`?'],
    [
      'organization.actions.user.list',
      'stuff',
      'organization.actions["user.list"]: `clinic` has no relation `stuff`',
    ],
    [
      'organization.actions.user.list',
      { relation: 'staff', entitlement: 'team' },
      'no plan includes `team`; did you mean `teams`?',
    ],
    [
      'organization.permissions',
      { may_fly: 'Fly' },
      'organization.permissions.may_fly: `clinic` has no relation `may_fly`',
    ],
    ['group.fields', ['colour'], 'group.fields[0]: "colour" is not one of description, category', 'shape'],
    ['group.requiredFields', ['description'], 'group.requiredFields: `description` is not in group.fields'],
    ['group.fields', ['parentId'], 'group.hierarchy: is missing, and is in fields'],
    [
      'group.hierarchy',
      { relation: 'under', depthMax: 3 },
      'group.hierarchy: is there, and is not in fields',
    ],
    ['group.visibility', { relation: 'clinic', default: 'hidden' }, 'one of public, private', 'shape'],
    ['group.archive', { relation: 'nurse' }, '`team#nurse` does not take `user:*`'],
    ['group.creatorRole', 'doctor', 'group.creatorRole: there is no `doctor`'],
    ['group.sources', { rule: 'matched' }, 'group.sources.rule: `team` has no relation `matched`'],
    ['group.actions.archive', 'may_see', 'group.actions.archive: there is no such action here'],
    ['group.actions.attach:chat', 'may_see', 'did you mean `attach:chart`?'],
    ['group.tuples', [], 'group.tuples: nothing links it to `{organization}`'],
    [
      'group.tuples.0.subject',
      '{org}',
      'there is nothing to put for `{org}`; there is {organization}, {actor}, {object}',
    ],
    [
      'group.tuples.0.relation',
      'nurse',
      "group.tuples[0]: type 'clinic' is not an allowed type restriction for 'team#nurse'",
    ],
    [
      'tuples',
      [{ object: '{object}', relation: 'tier', subject: 'plan:all' }],
      'tuples[0]: there is nothing to put for `{object}`',
    ],
    ['resources.chart.type', 'graph', 'resources.chart.type: the model has no type `graph`'],
    ['resources.chart.levels.0.group', 'object', '`chart#reader` does not take `team`'],
    ['resources.chart.levels.0.group', 'doctor', '`chart#reader` does not take `team#doctor`'],
    [
      'resources.chart.levels.0',
      { id: 'a', label: 'A', rank: 1, relation: 'author', direct: false },
      'resources.chart.levels[0]: nobody can be given it',
    ],
    ['resources.chart.creatorRelation', 'may_read', '`chart#may_read` does not take `user`'],
    ['resources.chart.publish', { relation: 'author' }, '`chart#author` does not take `user:*`'],
    ['resources.chart.areas', ['look'], 'resources.chart.areas: `look` needs the action `configure:look`'],
    ['resources.chart.apiKeys', true, 'resources.chart.apiKeys: is there, and is not in actions'],
    [
      'resources.graph',
      { ...clinic.resources.chart, aliases: ['chart'] },
      'resources.graph: `chart` is a word for `chart` already',
    ],
    ['plans.type', 'user', 'plans.relation: `clinic#tier` does not take `user`'],
    [
      'switches',
      {
        late: {
          label: 'Late',
          description: 'Late',
          default: true,
          tuples: [{ object: '{organization}', relation: 'shut', subject: 'user:*' }],
        },
      },
      "switches.late.tuples[0]: relation 'clinic#shut' not found",
    ],
    ['plans.default', 'gold', 'plans.default: there is no `gold`'],
    [
      'plans.ladder.1.entitlements',
      ['seats'],
      'plans.ladder[1].entitlements: `plan` has no relation `seats`',
    ],
  ]

  test.each(broken)('%s = %j: %s', async (path, instead, words, by?: string) => {
    const preset = changed(clinic, path, instead)
    const refused = await loading(preset).then(
      () => 'loaded',
      (thrown: unknown) => String(thrown),
    )
    expect(refused).toContain('clinic.json: ')
    expect(refused).toContain(words)
    // Names are beyond a schema; a shape that one of the two takes and the other does not is a bug of either.
    expect(isValid(preset)).toBe(by === undefined)
  })

  test('every problem is named at once', async () => {
    const preset = changed(changed(clinic, 'plans.default', 'gold'), 'group.creatorRole', 'doctor')
    await expect(loading(preset)).rejects.toThrow(/creatorRole: .*\nplans\.default: /)
  })

  test('a model that cannot be read is told with its file and line', async () => {
    await expect(loading(clinic, dsl.replace('define head:', 'define head'))).rejects.toThrow(
      /clinic\.json: model: .*clinic\.fga: line 9, column \d+/,
    )
  })

  test('what is not JSON, a folder that is not there, an id that is taken', async () => {
    await loading(clinic)
    await writeFile(join(folder, 'clinic.json'), '{')
    await expect(presetsOf([folder]).list()).rejects.toThrow(/clinic\.json: .*JSON/)
    await expect(presetsOf([join(folder, 'none')]).list()).rejects.toThrow(
      /the presets in .*none cannot be read/,
    )
    await writeFile(join(folder, 'default.json'), JSON.stringify({ ...clinic, id: 'default' }))
    await rm(join(folder, 'clinic.json'))
    await expect(presetsOf([folder]).list()).rejects.toThrow(/default\.json has the same/)
  })

  test('a sidecar does not start over one that is wrong, and gives its data back', async () => {
    await expect(loading({ ...clinic, title: 1 })).rejects.toThrow()
    const config = readConfig({ data: join(folder, 'data'), listen: '127.0.0.1:0', presets: folder }, {})
    const silent = () => {}
    await expect(startSidecar(config, silent)).rejects.toThrow(/clinic\.json: title: 1 is not a text/)
    await writeFile(join(folder, 'clinic.json'), JSON.stringify(clinic))
    const { address, stop } = await startSidecar(config, silent)
    onTestFinished(() => stop())
    expect((await fetch(`${address}/v1/presets/clinic`)).status).toBe(200)
  })

  test('a file that was mended is read again', async () => {
    await loading(clinic)
    await writeFile(join(folder, 'clinic.json'), '{')
    const presets = presetsOf([folder])
    await expect(presets.get('clinic')).rejects.toThrow('JSON')
    await writeFile(join(folder, 'clinic.json'), JSON.stringify(clinic))
    expect((await presets.get('clinic')).id).toBe('clinic')
  })
})

/** A copy with another value at `a.0.b`; the last two parts of a path into `actions` are one name. */
function changed(preset: object, path: string, instead: unknown): object {
  const copy: JsonObject = JSON.parse(JSON.stringify(preset))
  const [, before = '', action] = /^(.*?actions)\.(.*)$/.exec(path) ?? []
  const parts = action === undefined ? path.split('.') : [...before.split('.'), action]
  const last = parts.pop() ?? ''
  const at = parts.reduce<Record<string, unknown>>(
    (node, part) => node[part] as Record<string, unknown>,
    copy,
  )
  if (instead === undefined) delete at[last]
  else at[last] = instead
  return copy
}
