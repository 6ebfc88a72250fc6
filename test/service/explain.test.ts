import { expect, test } from 'vitest'
import { keyOf, refusal, refusedAs, world } from './world.ts'

const tuple = keyOf('document:1#viewer@user:anne')
const grants = ['document:1#viewer@group:eng#member', 'group:eng#member@user:anne']

test('an allow has a path, a deny says what is missing', async () => {
  const { kith, store, model } = await world(grants)
  const allowed = await kith.explain({ store, tuple })
  expect(allowed).toMatchObject({ model, allowed: true, explanation: { truncated: false } })
  expect(JSON.stringify(allowed.explanation.path)).toContain('group:eng')
  const denied = await kith.explain({ store, tuple: keyOf('document:2#viewer@user:anne') })
  expect(denied.allowed).toBe(false)
  expect(denied.explanation.missing).not.toEqual([])
})

test('what makes no sense is refused, what a check fails with is explained', async () => {
  const { kith, store } = await world([{ ...tuple, condition: { name: 'small' } }])
  expect(await refusedAs(kith.explain({ store, tuple: keyOf('document:1#nix@user:anne') }))).toBe(
    'validation_error',
  )
  const { allowed, explanation } = await kith.explain({ store, tuple })
  expect(allowed).toBe(false)
  expect(explanation.error).toMatchObject({ code: 'validation_error' })
})

test('check with trace: the same answer, with a line and the structure; without: empty', async () => {
  const { kith, store } = await world(grants)
  for (const key of ['document:1#viewer@user:anne', 'document:2#viewer@user:anne']) {
    const traced = await kith.check({ store, tuple: keyOf(key), trace: true })
    const plain = await kith.check({ store, tuple: keyOf(key) })
    expect(traced.allowed).toBe(plain.allowed)
    expect(traced.resolution).not.toBe('')
    expect(traced.trace).toBeDefined()
    expect(plain).toMatchObject({ resolution: '' })
    expect(plain.trace).toBeUndefined()
  }
})

test('check with trace fails as check does', async () => {
  const { kith, store } = await world([{ ...tuple, condition: { name: 'small' } }])
  const [traced, plain] = [kith.check({ store, tuple, trace: true }), kith.check({ store, tuple })]
  expect(await refusal(traced)).toBe(await refusal(plain))
})

test('expandAll goes down to the leaves, in pages that make up the whole', async () => {
  const { kith, store } = await world([
    ...grants,
    'group:eng#member@group:ops#member',
    'group:ops#member@user:bob',
  ])
  const question = { store, object: 'document:1', relation: 'viewer' }
  const whole = await kith.expandAll(question)
  expect(whole).toMatchObject({ continuationToken: '', truncated: false })
  expect(JSON.stringify(whole.nodes)).toContain('user:bob')
  const nodes: unknown[] = []
  let continuationToken = ''
  do {
    const page = await kith.expandAll({ ...question, pageSize: 1, continuationToken })
    expect(page.nodes).toHaveLength(1)
    nodes.push(...page.nodes)
    continuationToken = page.continuationToken
  } while (continuationToken !== '')
  expect(nodes).toEqual(whole.nodes)
})

test('expandAll refuses what expand refuses, other sizes, and foreign tokens', async () => {
  const { kith, store } = await world(grants)
  const question = { store, object: 'document:1', relation: 'viewer' }
  expect(await refusedAs(kith.expandAll({ ...question, object: '' }))).toBe('invalid_expand_input')
  expect(await refusedAs(kith.expandAll({ ...question, relation: 'nix' }))).toBe('validation_error')
  expect(await refusedAs(kith.expandAll({ ...question, pageSize: 1_001 }))).toBe('page_size_invalid')
  const { continuationToken } = await kith.expandAll({ ...question, pageSize: 1 })
  expect(continuationToken).not.toBe('')
  expect(await refusedAs(kith.expandAll({ ...question, object: 'document:2', continuationToken }))).toBe(
    'invalid_continuation_token',
  )
})
