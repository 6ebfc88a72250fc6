/** `kith list-objects`: the objects of a type that a user has a relation to. */

import { Command } from 'commander'
import { parseAnswer } from './answer.ts'
import { linesOf } from './client.ts'
import { Failure } from './failure.ts'
import { Session, withQuestion } from './session.ts'
import { print, printJson } from './terminal.ts'

export function listObjectsCommand(): Command {
  return withQuestion(new Command('list-objects'))
    .description('list the objects of a type that a user has a relation to')
    .argument('<user>', 'user:anne')
    .argument('<relation>', 'viewer')
    .argument('<type>', 'document')
    .action(async (user: string, relation: string, type: string, _options: unknown, command: Command) => {
      const session = new Session(command)
      const answer = await session.client.open('POST', await session.path('/streamed-list-objects'), {
        body: {
          ...session.question(),
          ...{ user, relation, type },
          contextual_tuples: { tuple_keys: session.contextual() },
        },
      })
      const objects: string[] = []
      for await (const line of linesOf(answer)) {
        const object = objectOf(line)
        if (object === undefined) continue
        if (session.json) objects.push(object)
        else print(object)
      }
      if (session.json) printJson({ objects })
    })
}

interface Line {
  readonly result?: { readonly object: string }
  readonly error?: { readonly message: string }
}

function objectOf(line: string): string | undefined {
  const { result, error } = parseAnswer<Line>(line)
  if (error !== undefined) throw new Failure(`the list ended early: ${error.message}`)
  return result?.object
}
