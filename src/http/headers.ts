/**
 * Every request header that can change an answer, here or in front of this process: the one list that the fast lane
 * is held to. Whoever reads a new header adds it here (a test compares). It reads no header itself.
 */

/**
 * - `handled`: the fast lane does with it what the app does, given once and in a plain form.
 * - `handed over`: its mere presence sends the connection to node:http and the app.
 */
export type Handling = 'handled' | 'handed over'

const handlings = new Map<string, Handling>([
  ['host', 'handled'],
  ['content-length', 'handled'],
  ['content-type', 'handled'],
  ['accept', 'handled'],
  ['connection', 'handled'],
  ['x-request-id', 'handled'],
  ['kith-at-least-as-fresh', 'handled'],
  ['authorization', 'handled'],

  // Where a stream of events is to go on.
  ['last-event-id', 'handed over'],

  // Which version a client knows.
  ['if-match', 'handed over'],
  ['if-none-match', 'handed over'],

  // What frames a message or changes the protocol.
  ['transfer-encoding', 'handed over'],
  ['content-encoding', 'handed over'],
  ['trailer', 'handed over'],
  ['te', 'handed over'],
  ['expect', 'handed over'],
  ['upgrade', 'handed over'],
  ['http2-settings', 'handed over'],
  ['proxy-connection', 'handed over'],

  // Who asks, and on whose behalf, in other words than ours: here so that no lane can pass by what will read them.
  ['proxy-authorization', 'handed over'],
  ['cookie', 'handed over'],
  ['x-api-key', 'handed over'],

  // Traces: the same.
  ['traceparent', 'handed over'],
  ['tracestate', 'handed over'],

  // Browsers.
  ['origin', 'handed over'],
  ['access-control-request-method', 'handed over'],
  ['access-control-request-headers', 'handed over'],
])

/** By lower-case name; undefined: nothing reads it. All of Kith's own count as read. */
export function handlingOf(name: string): Handling | undefined {
  return handlings.get(name) ?? (name.startsWith('kith-') ? 'handed over' : undefined)
}
