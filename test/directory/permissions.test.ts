/** The permissions view is what the checks say, through what is stored; and its files are safe to open. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Organization, sharedGuarded } from './http.ts'
import { plant } from './plant.ts'

const { ring, directory } = await sharedGuarded()

interface ChainNode {
  readonly object: string
  readonly relation?: string
  readonly user?: string
}
interface Row {
  readonly subject: string
  readonly object: string
  readonly permissions: string[]
  readonly level?: string
  readonly via: { readonly permissions: string[]; readonly chain: ChainNode[] }[]
}

/** All pages. */
async function rowsOf(client: Client, query: string): Promise<Row[]> {
  const rows: Row[] = []
  for (let token = ''; ; ) {
    const { status, body } = await client('GET', `/permissions?${query}&continuationToken=${token}`)
    expect({ status, body }).toMatchObject({ status: 200 })
    rows.push(...body.rows)
    token = body.continuationToken
    if (token === '') return rows
  }
}

const outline = (rows: readonly Row[]) => rows.map(({ subject, object }) => `${subject} ${object}`)

/** Kinds of resources and what can be asked of them. */
const products = [
  ['training', { bot: ['can_access'], persona: ['can_access'] }],
  ['group-only', { agent: ['can_interact', 'can_view'], workspace: ['can_access'] }],
] as const

describe.each(products)('%s', (preset, kinds) => {
  let organization: Organization
  let boss: Client
  beforeAll(async () => {
    organization = await directory.organization(preset)
    boss = organization.as('boss')
    await plant(directory, organization, (garden) => {
      for (const id of ['ann', 'bob', 'eve']) garden.user(id, `Name of ${id}`)
      for (const id of ['g', 'h']) garden.group(id, `Group ${id}`)
      garden.member('g', 'ann')
      garden.member('g', 'bob')
      garden.member('h', 'bob')
      for (const kind of Object.keys(kinds)) {
        for (const id of ['one', 'two', 'three']) garden.resource(kind, id, `The ${id}`)
        garden.give(kind, 'one', { group: 'g' })
        garden.give(kind, 'two', { group: 'h' })
      }
    })
  })

  test('P15: of a user each resource is listed, with the group between', async () => {
    const rows = await rowsOf(boss, 'user=ann')
    const wanted = Object.keys(kinds).map((kind) => `user:ann ${kind}:one`)
    expect(outline(rows)).toEqual(wanted)
    for (const { via, object } of rows) {
      expect(via.map(({ chain }) => chain.map((node) => node.object))).toEqual([
        ['user:ann', 'group:g', object],
      ])
    }
    expect(rows[0]).toMatchObject({ subjectName: 'Name of ann', objectName: 'The one' })
    expect(await rowsOf(boss, 'user=eve')).toEqual([])
  })

  test('P15: likewise of a group, and of a resource of each kind', async () => {
    const of = Object.keys(kinds)
    expect(outline(await rowsOf(boss, 'group=g'))).toEqual(of.map((kind) => `group:g#member ${kind}:one`))
    for (const kind of of) {
      expect(outline(await rowsOf(boss, `${kind}=one`))).toEqual([
        `user:ann ${kind}:one`,
        `user:bob ${kind}:one`,
      ])
      expect(outline(await rowsOf(boss, `${kind}=two&type=group`))).toEqual([`group:h#member ${kind}:two`])
      expect(await rowsOf(boss, `${kind}=three`)).toEqual([])
      expect(outline(await rowsOf(boss, `user=bob&${kind}=two`))).toEqual([`user:bob ${kind}:two`])
      expect(await rowsOf(boss, `user=ann&${kind}=two`)).toEqual([])
    }
  })

  test('P15, X4: rows are exactly what the checks allow, and each tuple of a chain is stored', async () => {
    for (const [kind, relations] of Object.entries(kinds)) {
      for (const user of ['ann', 'bob', 'eve', 'boss']) {
        const rows = await rowsOf(boss, `user=${user}&type=${kind}`)
        for (const id of ['one', 'two', 'three']) {
          const checks = relations.map((relation) => ({ user, relation, object: `${kind}:${id}` }))
          const { body } = await boss('POST', '/batch-check', { checks })
          const allowed = relations.filter((_, index) => body.results[index].allowed)
          const row = rows.find(({ object }) => object === `${kind}:${id}`)
          expect([...(row?.permissions ?? [])].sort()).toEqual([...allowed].sort())
        }
        for (const { chain } of rows.flatMap(({ via }) => via)) {
          expect(chain[0]?.object).toBe(`user:${user}`)
          for (const { object, relation, user: subject } of chain.slice(1)) {
            const tuple_key = { object, relation, user: subject }
            const read = await directory.ask('POST', `/stores/${organization.id}/read`, { tuple_key })
            expect(read.body.tuples).toHaveLength(1)
          }
        }
      }
    }
  })

  test('P16: the graph has the nodes and edges of the rows, and no others', async () => {
    for (const query of ['user=bob', 'group=g', `${Object.keys(kinds)[0]}=one`]) {
      const chains = (await rowsOf(boss, query)).flatMap(({ via }) => via.map(({ chain }) => chain))
      const nodes = new Set(chains.flatMap((chain) => chain.map(({ object }) => object)))
      const edges = new Set(
        chains.flatMap((chain) =>
          chain
            .slice(1)
            .map(({ object, relation }, index) => `${chain[index]?.object} ${relation} ${object}`),
        ),
      )
      const { body } = await boss('GET', `/permissions?${query}&form=graph`)
      expect(body.nodes.map(({ object }: { object: string }) => object).sort()).toEqual([...nodes].sort())
      const drawn = body.edges.map(
        ({ from, to, relation }: Record<string, string>) => `${from} ${relation} ${to}`,
      )
      expect(drawn.sort()).toEqual([...edges].sort())
    }
  })

  test('Z37: of a group, who is in it and when that was last looked through', async () => {
    const rows = await rowsOf(boss, 'group=g&type=user&relation=member')
    expect(outline(rows)).toEqual(['user:ann group:g', 'user:bob group:g'])
    const { body } = await boss('GET', '/permissions?group=g&type=user')
    expect(body.about).toMatchObject([{ object: 'group:g', name: 'Group g' }])
  })

  test('X5: pages are the list, in its order, whatever is found by', async () => {
    const kind = Object.keys(kinds)[0] ?? ''
    expect(await rowsOf(boss, `${kind}=one&pageSize=1`)).toEqual(await rowsOf(boss, `${kind}=one`))
    expect(await rowsOf(boss, 'user=bob&pageSize=1')).toEqual(await rowsOf(boss, 'user=bob'))
    expect(outline(await rowsOf(boss, `${kind}=one&q=NAME OF BOB`))).toEqual([`user:bob ${kind}:one`])
    const first = await boss('GET', '/permissions?user=bob&pageSize=1')
    const token = first.body.continuationToken
    expect(await boss('GET', `/permissions?user=ann&continuationToken=${token}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_continuation_token' } },
    })
  })

  test('what one can and the other cannot', async () => {
    const [kind, relations] = Object.entries(kinds)[0] ?? ['', []]
    const difference = async (user: string, other: string) =>
      (await boss('GET', `/permissions/difference?user=${user}&other=${other}&type=${kind}`)).body.rows
    const two = { object: `${kind}:two`, objectName: 'The two' }
    const held = expect.arrayContaining([...relations])
    expect(await difference('bob', 'ann')).toEqual([{ ...two, onlyUser: held, onlyOther: [] }])
    expect(await difference('ann', 'bob')).toEqual([{ ...two, onlyUser: [], onlyOther: held }])
    expect(await difference('ann', 'ann')).toEqual([])
    const paged = `/permissions/difference?user=bob&other=eve&pageSize=1`
    const first = await boss('GET', paged)
    expect(first.body.rows).toHaveLength(1)
    const second = await boss('GET', `${paged}&continuationToken=${first.body.continuationToken}`)
    expect(second.body.rows).toHaveLength(1)
    expect(second.body.rows[0].object).not.toBe(first.body.rows[0].object)
  })
})

test('E17, E18: the highest level wins, and each permission shows its own way', async () => {
  const organization = await directory.organization('sharing')
  const boss = organization.as('boss')
  await plant(directory, organization, (garden) => {
    garden.user('sarah')
    garden.group('marketing')
    garden.member('marketing', 'sarah', 'viewer')
    garden.resource('assistant', 'a')
    garden.give('assistant', 'a', { user: 'sarah' }, 'viewer')
    garden.give('assistant', 'a', { group: 'marketing' }, 'editor')
  })
  const view = async () => {
    const { status, body } = await organization.as('sarah')('GET', '/permissions?user=sarah')
    expect(status).toBe(200)
    return body.rows
  }
  const [row] = await view()
  expect(row).toMatchObject({ object: 'assistant:a', level: 'editor' })
  const modify = row.via.find(({ permissions }: Row['via'][number]) => permissions.includes('can_modify'))
  expect(modify.chain.map(({ object }: ChainNode) => object)).toEqual([
    'user:sarah',
    'group:marketing',
    'assistant:a',
  ])
  expect(modify.chain[1]).toMatchObject({ relation: 'viewer', role: 'viewer' })
  expect(modify.chain[2]).toMatchObject({ relation: 'editor', level: 'editor' })
  const use = row.via.find(({ permissions }: Row['via'][number]) => permissions.includes('can_use'))
  expect(use.chain.map(({ object }: ChainNode) => object)).toEqual(['user:sarah', 'assistant:a'])

  await plant(directory, organization, (garden) =>
    garden.take('assistant', 'a', { group: 'marketing' }, 'editor'),
  )
  expect(await view()).toMatchObject([{ object: 'assistant:a', level: 'viewer' }])
  expect((await boss('GET', '/permissions?user=sarah')).status).toBe(403)
})

describe('P17: files', () => {
  let boss: Client
  let organization: Organization
  const odd = ['=1+1', '+2', '-3', '@x', 'a,"b"\nc', 'plain', '=HYPERLINK("http://x")']
  beforeAll(async () => {
    organization = await directory.organization('group-only')
    boss = organization.as('boss')
    await plant(directory, organization, (garden) => {
      garden.user('ann', '\t=1')
      garden.group('g')
      garden.member('g', 'ann')
      for (const [index, name] of odd.entries()) {
        garden.resource('agent', `a${index}`, name)
        garden.give('agent', `a${index}`, { group: 'g' })
      }
    })
  })

  test('a spreadsheet finds no formula, and every cell as it was otherwise', async () => {
    const { status, body, headers } = await boss('GET', '/permissions?user=ann&format=csv')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(headers.get('content-disposition')).toBe('attachment; filename="permissions.csv"')
    const [head, ...rows] = parseCsv(body)
    expect(head).toEqual(['subject', 'subject_name', 'object', 'object_name', 'level', 'permissions', 'via'])
    expect(rows.map((cells) => cells[3])).toEqual(
      odd.map((name) => (/^[=+\-@]/.test(name) ? `'${name}` : name)),
    )
    expect(rows.map((cells) => cells[1])).toEqual(odd.map(() => "'\t=1"))
    expect(rows.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([])
    expect(rows[0]?.[6]).toBe('user:ann > group:g (member) > agent:a0 (group)')
  })

  test('all pages are one file, which Accept asks for too', async () => {
    const { body } = await boss('GET', '/permissions?user=ann&format=json')
    expect(body).toEqual(await rowsOf(boss, 'user=ann&pageSize=2'))
    const headers = { 'kith-actor': 'user:boss', accept: 'text/csv' }
    const path = `/v1/orgs/${organization.id}/permissions?user=ann`
    const file = await directory.ask('GET', path, undefined, headers)
    expect(parseCsv(file.body)).toHaveLength(odd.length + 1)
    const none = await boss('GET', '/permissions?user=boss&relation=can_interact&format=json')
    expect(none.body).toEqual([])
    expect((await boss('GET', '/permissions?user=boss&relation=can_interact&format=csv')).body).toMatch(
      /via\r\n$/,
    )
  })

  test('a file that is refused is a refusal, not a file', async () => {
    const refused = await organization.as('ann')('GET', '/permissions?agent=a0&format=csv')
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
    expect(refused.headers.get('content-disposition')).toBeNull()
  })
})

describe('who may look, and at what', () => {
  let organization: Organization
  beforeAll(async () => {
    organization = await directory.organization('group-only')
    await plant(directory, organization, (garden) => {
      garden.user('ann')
      garden.user('bob')
    })
  })

  test.each<[string, string, number, object]>([
    ['ann', 'user=ann', 200, {}],
    ['ann', 'user=bob', 403, { code: 'forbidden', message: expect.stringContaining('can_view_permissions') }],
    ['ann', 'group=g', 403, { code: 'forbidden' }],
    ['ann', 'user=ann&agent=a', 403, { code: 'forbidden' }],
    ['boss', 'user=nobody', 404, { code: 'not_found' }],
    ['boss', 'agent=none', 404, { code: 'not_found' }],
    ['boss', '', 422, { code: 'invalid_field' }],
    ['boss', 'user=ann&group=g', 422, { code: 'invalid_field' }],
    ['boss', 'agent=a&workspace=w', 422, { code: 'invalid_field' }],
    ['boss', 'persona=p', 422, { code: 'not_in_preset' }],
    ['boss', 'user=ann&type=persona', 422, { code: 'not_in_preset' }],
    ['boss', 'user=ann&type=user', 422, { code: 'not_in_preset' }],
    ['boss', 'user=ann&relation=can_fly', 422, { code: 'not_in_preset', field: 'relation' }],
    ['boss', 'user=ann&format=xls', 422, { code: 'invalid_field', field: 'format' }],
    ['boss', 'user=ann&pageSize=0', 422, { code: 'invalid_field', field: 'pageSize' }],
    ['eve', 'user=eve', 404, { code: 'not_found' }],
  ])('X1, X6: %s, %s: %i', async (actor, query, status, error) => {
    const { body, ...answer } = await organization.as(actor)('GET', `/permissions?${query}`)
    expect(answer.status).toBe(status)
    expect(body.error ?? {}).toMatchObject(error)
  })

  test('the right is `audit`', async () => {
    const path = `/v1/orgs/${organization.id}/permissions?user=ann`
    const headers = {
      'kith-actor': 'user:boss',
      authorization: `Bearer ${await ring.key('directory', 'act')}`,
    }
    expect((await directory.ask('GET', path, undefined, headers)).status).toBe(403)
    const authorization = `Bearer ${await ring.key('audit', 'act')}`
    expect((await directory.ask('GET', path, undefined, { ...headers, authorization })).status).toBe(200)
  })
})

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let cells: string[] = []
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n)/g)) {
    cells.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === ',') continue
    rows.push(cells)
    cells = []
  }
  return rows
}
