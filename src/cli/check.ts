/** `kith check`: may this user do this to that object. */
import { Command } from 'commander'
import { exitCodes } from './failure.ts'
import { Session, withQuestion } from './session.ts'
import { paint, print, printJson } from './terminal.ts'
import { parseTupleWords, printTupleText } from './tuple-text.ts'

export function checkCommand(): Command {
  return withQuestion(new Command('check'))
    .description('ask whether a user has a relation to an object; exits 0 if allowed, 1 if denied')
    .argument('<tuple...>', 'document:1#viewer@user:anne, or: user:anne viewer document:1')
    .action(async (words: string[], _options: unknown, command: Command) => {
      const session = new Session(command)
      const tuple = parseTupleWords(words)
      const answer = await session.client.post(await session.path('/check'), {
        ...session.question(),
        tuple_key: { ...tuple },
        contextual_tuples: { tuple_keys: session.contextual() },
      })
      const allowed = answer.allowed === true
      if (session.json) printJson(answer)
      else print(`${allowed ? paint('green', 'allowed') : paint('red', 'denied')}  ${printTupleText(tuple)}`)
      process.exitCode = allowed ? exitCodes.ok : exitCodes.no
    })
}
