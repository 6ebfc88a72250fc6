/** GET /openapi.json, the description of every route, and GET /docs, the same for people. */
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { JsonObject } from '../../lib/json.ts'
import { answer, finish, type Verb } from '../exchange.ts'
import { page } from '../reference/page.ts'

const source = new URL('../../../schema/openapi.yaml', import.meta.url)
let read: Promise<JsonObject> | undefined

/** Read and parsed at the first request, then kept: it is a part of the package and does not change. */
export function describe(): Promise<JsonObject> {
  read ??= readFile(source, 'utf8').then((text): JsonObject => parse(text))
  return read
}

export const description: Verb = () => async (c) => answer(c, await describe())

export const reference: Verb = () => {
  let html: string | undefined
  return async (c) => {
    html ??= page(await describe())
    finish(c)
    // Nothing but the page itself: no script, no network, no frame.
    c.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )
    c.header('X-Content-Type-Options', 'nosniff')
    return c.html(html)
  }
}
