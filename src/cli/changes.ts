/** `kith changes` and `kith watch`: what was done to a store and by whom, so far or from now on. */
import { Command } from 'commander'
import { listIn, parseAnswer } from './answer.ts'
import { type Client, linesOf } from './client.ts'
import { Failure } from './failure.ts'
import { Session, withStore } from './session.ts'
import { note, paint, print } from './terminal.ts'
import { printTupleText, type TupleText } from './tuple-text.ts'

interface Flags {
  readonly user?: string
  readonly relation?: string
  readonly object?: string
  readonly type?: string
  readonly by?: string
  readonly since?: string
  readonly until?: string
  readonly after?: string
  readonly stores?: boolean
}

interface Made {
  readonly timestamp: string
  readonly caller?: string
  readonly actor?: string
  readonly source?: string
  readonly request_id?: string
}

interface StoreChange extends Made {
  readonly operation: string
  readonly store_id: string
  readonly name: string
}

interface Change extends Made {
  readonly revision: number
  readonly tuples: readonly { readonly operation: string; readonly tuple_key: TupleText }[]
  readonly authorization_model_id?: string
  readonly entities?: readonly { readonly operation: string; readonly entity: string }[]
  readonly assertions_of?: string
  readonly more?: boolean
}

export function changesCommand(): Command {
  return withFilter(new Command('changes'))
    .description('print what was done to a store, and by whom, oldest first')
    .option('--until <instant>', 'only before this instant')
    .option('--stores', 'what was done to stores themselves instead: made, renamed, deleted')
    .action(async (flags: Flags, command: Command) => {
      const session = new Session(command)
      if (flags.stores === true) return storeChanges(session)
      const path = `/v1/stores/${await session.store()}/changes`
      const { after: token, ...query } = queryOf(flags)
      for (let continuation_token = token ?? ''; ; ) {
        const page = await session.client.get(path, { ...query, page_size: '100', continuation_token })
        const changes = listIn<Change>(page, 'changes')
        if (changes.length === 0) return
        for (const change of changes) show(session, change)
        continuation_token = String(page.continuation_token)
      }
    })
}

export function watchCommand(): Command {
  return withFilter(new Command('watch'))
    .description(
      'print what is done to a store as it is done, until it is stopped; it outlives restarts of the sidecar',
    )
    .action(async (flags: Flags, command: Command) => {
      const session = new Session(command)
      const path = `/v1/stores/${await session.store()}/watch`
      let query = queryOf(flags)
      for (;;) {
        const after = await follow(session, `${path}?${new URLSearchParams(query)}`)
        // The place is exact: from here on it is all that says where to begin.
        if (after !== undefined) {
          const { start_time: _, ...rest } = query
          query = { ...rest, after }
        }
        await new Promise((resolve) => setTimeout(resolve, retryMs))
      }
    })
}

/** Milliseconds between two attempts to go on. */
const retryMs = 1_000

/** Prints one connection's events; answers the place it came to. @throws Failure where there is nothing to go on to */
async function follow(session: Session, path: string): Promise<string | undefined> {
  let after: string | undefined
  try {
    for await (const { id, event, data } of eventsOf(session.client, path)) {
      after = id ?? after
      if (event === 'change') show(session, parseAnswer<Change>(data))
      if (event === 'end') demandUnavailable(parseAnswer(data))
    }
  } catch (error) {
    if (after === undefined) throw error
    if (error instanceof Failure && error.message.startsWith(ended)) throw error
  }
  note('the connection ended; going on where it was')
  return after
}

const ended = 'the watch ended'

function demandUnavailable({ code, message }: { readonly code: string; readonly message: string }): void {
  if (code !== 'unavailable') throw new Failure(`${ended}: ${message}`)
}

interface Event {
  readonly id: string | undefined
  readonly event: string
  readonly data: string
}

/** Events as the server prints them: each field on one line, an empty line behind each. */
async function* eventsOf(client: Client, path: string): AsyncGenerator<Event> {
  let [id, event, data]: [string | undefined, string, string] = [undefined, '', '']
  for await (const line of linesOf(await client.open('GET', path), 'all')) {
    const [, field = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? []
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data = value
    else if (line === '') {
      yield { id, event, data }
      ;[event, data] = ['', '']
    }
  }
}

async function storeChanges(session: Session): Promise<void> {
  let continuation_token = ''
  do {
    const page = await session.client.get('/v1/changes', { page_size: '100', continuation_token })
    for (const change of listIn<StoreChange>(page, 'changes')) {
      const { timestamp, operation, store_id, name } = change
      if (session.json) print(JSON.stringify(change))
      else print(`${timestamp}  ${operation} store ${store_id} ${name}${printMaker(change)}`)
    }
    continuation_token = String(page.continuation_token)
  } while (continuation_token !== '')
}

function withFilter(command: Command): Command {
  return withStore(command)
    .option('--type <type>', 'only tuples of objects of this type')
    .option('--object <object>', 'only tuples of this object')
    .option('--relation <relation>', 'only tuples of this relation')
    .option('--user <user>', 'only tuples of this user')
    .option('--by <caller>', 'only what this caller did')
    .option('--since <instant>', 'only from this instant on: 2026-11-22T12:00:00Z')
    .option('--after <place>', 'only what comes after a cursor or a zookie')
}

function queryOf({ user, relation, object, type, by, since, until, after }: Flags): Record<string, string> {
  const query = { user, relation, object, type, caller: by, start_time: since, end_time: until, after }
  return Object.fromEntries(
    Object.entries(query).filter((field): field is [string, string] => field[1] !== undefined),
  )
}

/** With --json one object a line, as it came. */
function show(session: Session, change: Change): void {
  if (session.json) {
    print(JSON.stringify(change))
    return
  }
  const { revision, timestamp, tuples, entities = [] } = change
  print(paint('bold', `${revision}  ${timestamp}`) + printMaker(change))
  for (const { operation, tuple_key } of tuples) {
    print(paint(operation === 'write' ? 'green' : 'red', `  ${operation} ${printTupleText(tuple_key)}`))
  }
  if (change.authorization_model_id !== undefined) print(`  write model ${change.authorization_model_id}`)
  if (change.assertions_of !== undefined) print(`  write assertions of model ${change.assertions_of}`)
  for (const { operation, entity } of entities) print(`  ${operation} ${entity}`)
  if (change.more === true) print('  ... more of this revision follows')
}

function printMaker({ caller, actor, source, request_id }: Made): string {
  const behalf = actor === undefined ? undefined : `for ${actor}`
  const request = request_id === undefined ? undefined : `request ${request_id}`
  const parts = [source, caller === undefined ? undefined : `by ${caller}`, behalf, request]
  const said = parts.filter((part) => part !== undefined).join(', ')
  return said === '' ? '' : `  ${paint('dim', said)}`
}
