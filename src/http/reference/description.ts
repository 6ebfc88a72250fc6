/** The description of every route: what schema/ says of OpenFGA's, Kith's own, and of organizations, as one. */
import { readFile } from 'node:fs/promises'
import type { JsonObject } from '../../lib/json.ts'

const names = ['openapi', 'openapi.directory', 'openapi.rules', 'openapi.invitations', 'openapi.scim']
const sources = names.map((name) => new URL(`../../../schema/${name}.yaml`, import.meta.url))
let read: Promise<Description> | undefined

interface Description extends JsonObject {
  readonly tags: readonly JsonObject[]
  readonly paths: JsonObject
  readonly components: Readonly<Record<string, JsonObject>>
}

/** Read at the first request, then kept: it is a part of the package and does not change. */
export function describeRoutes(): Promise<Description> {
  read ??= load()
  return read
}

/** YAML is loaded only when somebody asks: a start does not pay for it. */
async function load(): Promise<Description> {
  const { parse } = await import('yaml')
  const parts: Description[] = await Promise.all(
    sources.map(async (source) => parse(await readFile(source, 'utf8')) as Description),
  )
  return parts.reduce(join)
}

function join(one: Description, other: Description): Description {
  const components = { ...one.components }
  for (const [room, named] of Object.entries(other.components)) {
    components[room] = { ...components[room], ...named }
  }
  return {
    ...one,
    tags: [...one.tags, ...other.tags],
    paths: { ...one.paths, ...other.paths },
    components,
  }
}
