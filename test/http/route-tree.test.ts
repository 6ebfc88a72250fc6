/** The router finds what Hono's own finds first, for every path that is made of the parts of the table. */
import fc from 'fast-check'
import { TrieRouter } from 'hono/router/trie-router'
import { expect, test } from 'vitest'
import { RouteTree } from '../../src/http/route-tree.ts'
import { routes } from '../../src/http/routes.ts'

const tree = new RouteTree<string>()
const trie = new TrieRouter<string>()
for (const { method, path } of routes) {
  tree.add(method, path, path)
  trie.add(method, path, path)
}

function byTree(method: string, path: string) {
  const [[first], values] = tree.match(method, path) as [[string, Record<string, number>][], string[]]
  if (first === undefined) return undefined
  const [route, places] = first
  return [route, Object.fromEntries(Object.entries(places).map(([name, place]) => [name, values[place]]))]
}

function byTrie(method: string, path: string) {
  const [first] = trie.match(method, path)[0] as [string, Record<string, string>][]
  return first === undefined ? undefined : [first[0], { ...first[1] }]
}

test.each(routes.map(({ method, path }) => [method, path]))('%s %s', (method, path) => {
  const asked = path.replace(/:(\w+)/g, 'of-$1')
  expect(byTree(method, asked)?.[0]).toBe(path)
  expect(byTree(method, asked)).toEqual(byTrie(method, asked))
  for (const other of [`${asked}/`, `${asked}/x`, asked.replace('/', '//'), '/']) {
    expect(byTree(method, other)).toEqual(byTrie(method, other))
  }
})

test('every path of their parts', () => {
  const parts = [...new Set(routes.flatMap(({ path }) => path.slice(1).split('/')))]
  const methods = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')
  const begins = fc.constantFrom(...routes.map(({ path }) => path.slice(1).split('/')))
  // A route with some of its parts replaced: made of parts alone, hardly any path leads anywhere.
  const near = begins.chain((begin) =>
    fc.tuple(
      ...begin.map((part) =>
        fc.oneof({ weight: 3, arbitrary: fc.constant(part) }, fc.constantFrom(...parts, '', 'x')),
      ),
    ),
  )
  fc.assert(
    fc.property(methods, near, (method, path) => {
      const asked = `/${path.join('/')}`
      expect(byTree(method, asked)).toEqual(byTrie(method, asked))
    }),
    { numRuns: 3_000 },
  )
})

test('a route is there once', () => {
  const twice = new RouteTree<number>()
  twice.add('GET', '/a/:b', 1)
  expect(() => twice.add('GET', '/a/:c', 2)).toThrow('there already')
})
