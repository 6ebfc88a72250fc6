/**
 * Which route a path is, as a tree of its parts: Hono's router for a table in which names stand beside parameters
 * (`groups/candidates` beside `groups/:group`). Its regular expression takes no such table, and its trie copies the parameters at
 * each part and finds every route that might be meant. Only what the table has: no wildcards, no patterns.
 */
import type { Result, Router } from 'hono/router'
import { assert } from '../lib/assert.ts'

interface Branch<Handler> {
  readonly named: Map<string, Branch<Handler>>
  any: Branch<Handler> | undefined
  /** The route that ends here, with the place of each of its parameters among the values of a path. */
  found: [Handler, Record<string, number>][] | undefined
}

export class RouteTree<Handler> implements Router<Handler> {
  readonly name = 'RouteTree'
  readonly #roots = new Map<string, Branch<Handler>>()

  add(method: string, path: string, handler: Handler): void {
    const places: Record<string, number> = Object.create(null)
    let count = 0
    let branch = grown(this.#roots, method)
    for (const part of path.slice(1).split('/')) {
      if (part.startsWith(':')) {
        places[part.slice(1)] = count++
        branch.any ??= bare()
        branch = branch.any
      } else branch = grown(branch.named, part)
    }
    assert(branch.found === undefined, `${method} ${path} is there already`)
    branch.found = [[handler, places]]
  }

  match(method: string, path: string): Result<Handler> {
    const values: string[] = []
    const root = this.#roots.get(method)
    return [(root && find(root, path, 1, values)) ?? [], values]
  }
}

/** A name goes before a parameter, unless nothing comes of it. @param from - where the part begins */
function find<Handler>(
  { named, any }: Branch<Handler>,
  path: string,
  from: number,
  values: string[],
): Branch<Handler>['found'] {
  const slash = path.indexOf('/', from)
  const part = slash === -1 ? path.slice(from) : path.slice(from, slash)
  const found = below(named.get(part), path, slash, values)
  if (found !== undefined || any === undefined || part === '') return found
  const place = values.push(part)
  const other = below(any, path, slash, values)
  if (other === undefined) values.length = place - 1
  return other
}

/** @param slash - behind the part of the branch; -1: nothing follows it */
function below<Handler>(
  branch: Branch<Handler> | undefined,
  path: string,
  slash: number,
  values: string[],
): Branch<Handler>['found'] {
  if (branch === undefined || slash === -1) return branch?.found
  return find(branch, path, slash + 1, values)
}

function grown<Handler>(branches: Map<string, Branch<Handler>>, name: string): Branch<Handler> {
  const known = branches.get(name)
  if (known !== undefined) return known
  const branch = bare<Handler>()
  branches.set(name, branch)
  return branch
}

function bare<Handler>(): Branch<Handler> {
  return { named: new Map(), any: undefined, found: undefined }
}
