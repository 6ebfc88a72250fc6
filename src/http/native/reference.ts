/** GET /openapi.json, the description of every route, and GET /docs, the same for people. */
import { readFile } from 'node:fs/promises'
import type { JsonObject } from '../../lib/json.ts'
import { answer, respond, setHeader, type Verb } from '../exchange.ts'
import { page } from '../reference/page.ts'

const source = new URL('../../../schema/openapi.yaml', import.meta.url)
let read: Promise<JsonObject> | undefined

/** Read at the first request, then kept: it is a part of the package and does not change. */
function describe(): Promise<JsonObject> {
  read ??= load()
  return read
}

/** YAML is loaded only when somebody asks: a start does not pay for it. */
async function load(): Promise<JsonObject> {
  const { parse } = await import('yaml')
  const description: JsonObject = parse(await readFile(source, 'utf8'))
  return description
}

export const description: Verb = () => async (c) => answer(c, await describe())

export const reference: Verb = () => {
  let html: string | undefined
  return async (c) => {
    html ??= page(await describe())
    // Nothing but the page itself: no script, no network, no frame.
    setHeader(
      c,
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )
    setHeader(c, 'x-content-type-options', 'nosniff')
    return respond(c, html, 200, 'text/html; charset=UTF-8')
  }
}
