/** GET /openapi.json, the description of every route, and GET /docs, the same for people. */
import { answer, respond, setHeader, type Verb } from '../exchange.ts'
import { describeRoutes } from '../reference/description.ts'
import { page } from '../reference/page.ts'

export const description: Verb = () => async (c) => answer(c, await describeRoutes())

export const reference: Verb = () => {
  let html: string | undefined
  return async (c) => {
    html ??= page(await describeRoutes())
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
