/**
 * The reference page: the OpenAPI description as one self-contained HTML text. Every text of the description goes
 * through `escaped`; there is no script and no address to fetch.
 */
import type { Json, JsonObject } from '../../lib/json.ts'

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const

export function page(description: JsonObject): string {
  const info = objectOf(description.info)
  const operations = operationsOf(description)
  const tags = [...new Set(operations.map((operation) => operation.tag))]
  const sections = tags.map((tag) =>
    section(
      tag,
      operations.filter((operation) => operation.tag === tag),
      description,
    ),
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(textOf(info.title))}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${escaped(textOf(info.title))}</h1>${prose(info.description)}</header>
<nav>${tags.map((tag) => `<a href="#${anchor(tag)}">${escaped(tag)}</a>`).join(' ')}</nav>
<main>${sections.join('\n')}</main>
</body>
</html>
`
}

interface Operation {
  readonly method: string
  readonly path: string
  readonly tag: string
  readonly body: JsonObject
}

function operationsOf(description: JsonObject): Operation[] {
  return Object.entries(objectOf(description.paths)).flatMap(([path, item]) =>
    methods
      .filter((method) => Object.hasOwn(objectOf(item), method))
      .map((method) => {
        const body = objectOf(objectOf(item)[method])
        return { method: method.toUpperCase(), path, tag: textOf(listOf(body.tags)[0]) || 'other', body }
      }),
  )
}

function section(tag: string, operations: readonly Operation[], root: JsonObject): string {
  const articles = operations.map((operation) => article(operation, root)).join('\n')
  return `<section id="${anchor(tag)}"><h2>${escaped(tag)}</h2>\n${articles}</section>`
}

function article({ method, path, body }: Operation, root: JsonObject): string {
  const parameters = listOf(body.parameters).map((parameter) => parameterRow(resolve(parameter, root)))
  const answers = Object.entries(objectOf(body.responses)).map(([status, response]) =>
    answerRow(status, resolve(response, root), root),
  )
  return `<article>
<h3><span class="method">${method}</span> <code>${escaped(path)}</code></h3>
<p><strong>${escaped(textOf(body.summary))}</strong></p>${prose(body.description)}
${table('Parameters', parameters)}
${contentOf('Body', resolve(body.requestBody, root), root)}
${table('Answers', answers)}
</article>`
}

function parameterRow(parameter: JsonObject): string {
  const where = `${textOf(parameter.in)}${parameter.required === true ? ', required' : ''}`
  return row([code(textOf(parameter.name)), escaped(where), escaped(textOf(parameter.description))])
}

function answerRow(status: string, response: JsonObject, root: JsonObject): string {
  return row([code(status), escaped(textOf(response.description)), contentOf('', response, root)])
}

/** The media types of a body or an answer, each with its schema. */
function contentOf(title: string, holder: JsonObject, root: JsonObject): string {
  const content = Object.entries(objectOf(holder.content))
  if (content.length === 0) return ''
  const parts = content.map(([media, value]) => {
    const schema = objectOf(objectOf(value).schema)
    return `<details><summary>${code(media)} ${escaped(nameOf(schema))}</summary>${fields(resolve(schema, root), root)}</details>`
  })
  return `${title === '' ? '' : `<h4>${escaped(title)}</h4>`}${parts.join('')}`
}

/** The properties of an object schema, one level: what is nested is named. */
function fields(schema: JsonObject, root: JsonObject): string {
  const all = listOf(schema.allOf).map((part) => resolve(part, root))
  const properties = [schema, ...all].flatMap((part) => Object.entries(objectOf(part.properties)))
  const required = [schema, ...all].flatMap((part) => listOf(part.required))
  const rows = properties.map(([name, value]) => {
    const property = objectOf(value)
    const shown = resolve(property, root)
    const kind = `${nameOf(property)}${required.includes(name) ? ', required' : ''}`
    return row([
      code(name),
      escaped(kind),
      escaped(textOf(property.description) || textOf(shown.description)),
    ])
  })
  return rows.length === 0 ? `<p>${escaped(textOf(schema.description))}</p>` : table('', rows)
}

function nameOf(schema: JsonObject): string {
  if (typeof schema.$ref === 'string') return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
  if (schema.type === 'array') return `array of ${nameOf(objectOf(schema.items))}`
  return textOf(schema.type) || 'object'
}

/** Follows one local `$ref`. */
function resolve(value: Json | undefined, root: JsonObject): JsonObject {
  const holder = objectOf(value)
  if (typeof holder.$ref !== 'string') return holder
  return holder.$ref
    .slice('#/'.length)
    .split('/')
    .reduce<JsonObject>((at, name) => objectOf(at[name]), root)
}

function table(title: string, rows: readonly string[]): string {
  if (rows.length === 0) return ''
  return `${title === '' ? '' : `<h4>${escaped(title)}</h4>`}<table>${rows.join('')}</table>`
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

function prose(text: Json | undefined): string {
  return textOf(text)
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => `<p>${escaped(paragraph.trim())}</p>`)
    .join('')
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function anchor(tag: string): string {
  return tag.toLowerCase().replace(/[^a-z0-9]+/g, '-')
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !isList(value) ? value : {}
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : []
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; color-scheme: light dark }
nav a { margin-right: 1rem } article { border-top: 1px solid #8886; padding: 1rem 0 } h3 { margin: 0 }
.method { font-size: .8em; padding: .1em .4em; border: 1px solid currentColor; border-radius: .3em }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid #8884; padding: .3rem .5rem; vertical-align: top }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere } summary { cursor: pointer }
`
