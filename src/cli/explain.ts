/** `kith explain`: why a user is allowed, or what is missing, drawn from the explanation of the sidecar. */
import { Command } from 'commander'
import { exitCodes } from './failure.ts'
import { Session, withQuestion } from './session.ts'
import { paint, print, printJson } from './terminal.ts'
import { parseTupleWords, printTupleText } from './tuple-text.ts'

export function explainCommand(): Command {
  return withQuestion(new Command('explain'))
    .description('say why a check answers as it does; exits 0 if allowed, 1 if denied')
    .argument('<tuple...>', 'document:1#viewer@user:anne, or: user:anne viewer document:1')
    .action(async (words: string[], _options: unknown, command: Command) => {
      const session = new Session(command)
      const tuple = parseTupleWords(words)
      const answer = await session.client.post(`/v1${await session.path('/explain')}`, {
        ...session.question(),
        tuple_key: { ...tuple },
        contextual_tuples: { tuple_keys: session.contextual() },
      })
      const allowed = answer.allowed === true
      process.exitCode = allowed ? exitCodes.ok : exitCodes.no
      if (session.json) return printJson(answer)
      print(`${allowed ? paint('green', 'allowed') : paint('red', 'denied')}  ${printTupleText(tuple)}`)
    })
}
