/** The published description as a judge: whether an answer is one that schema/openapi.yaml announces. */

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { describeRoutes } from '../../src/http/reference/description.ts'

interface Answer {
  readonly method: string
  /** As in the table of routes: `/stores/:store/check`. */
  readonly path: string
  readonly status: number
  readonly media: string
  readonly body: unknown
}

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
interface Operation {
  readonly responses: Readonly<Record<string, Response>>
}
type Response = { readonly $ref: string } | { readonly content?: Readonly<Record<string, object>> }

const description = (await describeRoutes()) as unknown as Described
const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false })
ajv.addSchema(description, 'description')
const validators = new Map<string, ValidateFunction>()

/** Why the description does not announce the answer; undefined when it does. */
export function undescribed({ method, path, status, media, body }: Answer): string | undefined {
  const place = `${method} ${path} ${status}`
  const template = path.replaceAll(/:(\w+)/g, '{$1}')
  const responses = description.paths[template]?.[method.toLowerCase()]?.responses
  if (responses === undefined) return `${place}: no such operation`
  const key = String(status) in responses ? String(status) : 'default'
  const response = responses[key]
  if (response === undefined) return `${place}: no such answer`
  const at =
    '$ref' in response
      ? response.$ref.slice(1)
      : `/paths/${pointer(template)}/${method.toLowerCase()}/responses/${key}`
  const content = contentAt(at)
  if (content === undefined) return body === undefined ? undefined : `${place}: a body is not announced`
  const known = Object.keys(content).find((type) => media.startsWith(type))
  if (known === undefined) return `${place}: ${media} is not announced`
  if (!('schema' in (content[known] ?? {})) || !known.includes('json')) return undefined
  const valid = validatorAt(`${at}/content/${pointer(known)}/schema`)
  const bodies = known.includes('ndjson') && Array.isArray(body) ? body : [body]
  const wrong = bodies.find((each) => !valid(each))
  return wrong === undefined
    ? undefined
    : `${place}: ${ajv.errorsText(valid.errors)}: ${JSON.stringify(wrong)}`
}

function contentAt(at: string): Readonly<Record<string, object>> | undefined {
  const names = at
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  let node: unknown = description
  for (const name of names) node = (node as Record<string, unknown> | undefined)?.[name]
  return (node as { content?: Readonly<Record<string, object>> } | undefined)?.content
}

function validatorAt(at: string): ValidateFunction {
  const known = validators.get(at)
  if (known !== undefined) return known
  const made = ajv.compile({ $ref: `description#${encodeURI(at).replaceAll('%7B', '%7B')}` })
  validators.set(at, made)
  return made
}

function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
