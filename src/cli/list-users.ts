/** `kith list-users`: the users, groups or wildcards that have a relation to an object. */
import { Command } from 'commander'
import type { JsonObject } from '../lib/json.ts'
import { listIn } from './answer.ts'
import { Failure } from './failure.ts'
import { Session, withQuestion } from './session.ts'
import { note, print, printJson } from './terminal.ts'
import { parsePlace } from './tuple-text.ts'

export function listUsersCommand(): Command {
  return withQuestion(new Command('list-users'))
    .description('list who has a relation to an object')
    .argument('<object#relation>', 'document:1#viewer')
    .argument('[filter]', 'which users: user, or group#member for whole groups', 'user')
    .action(async (text: string, filter: string, _options: unknown, command: Command) => {
      const session = new Session(command)
      const { object, relation } = parsePlace(text)
      const colon = object.indexOf(':')
      const answer = await session.client.post(await session.path('/list-users'), {
        ...session.question(),
        object: { type: object.slice(0, colon), id: object.slice(colon + 1) },
        relation,
        user_filters: [filterOf(filter)],
        contextual_tuples: session.contextual(),
      })
      if (session.json) return printJson(answer)
      for (const user of listIn<WireUser>(answer, 'users')) print(printUser(user))
      if (answer.truncated === true) note('the list was cut at the limit of the server; there are more')
    })
}

interface WireUser {
  readonly object?: { readonly type: string; readonly id: string }
  readonly userset?: { readonly type: string; readonly id: string; readonly relation: string }
  readonly wildcard?: { readonly type: string }
}

function filterOf(text: string): JsonObject {
  const [type = '', relation, ...more] = text.split('#')
  if (type === '' || relation === '' || more.length > 0) {
    throw new Failure(`\`${text}\` is no filter; write a type (user) or a userset (group#member)`)
  }
  return relation === undefined ? { type } : { type, relation }
}

function printUser({ object, userset, wildcard }: WireUser): string {
  if (object !== undefined) return `${object.type}:${object.id}`
  if (userset !== undefined) return `${userset.type}:${userset.id}#${userset.relation}`
  return `${wildcard?.type ?? '?'}:*`
}
