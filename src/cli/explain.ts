/** `kith explain`: why a user is allowed, or what is missing, drawn from the explanation of the sidecar. */
import { Command } from 'commander'
import { partIn } from './answer.ts'
import { drawExplanation, type Explanation } from './explanation.ts'
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
      const explanation = partIn<Explanation>(answer, 'explanation')
      // An error is neither a yes nor a no.
      const no = explanation.error === undefined ? exitCodes.no : exitCodes.failed
      process.exitCode = allowed ? exitCodes.ok : no
      if (session.json) return printJson(answer)
      const verdict = explanation.error === undefined ? paint('red', 'denied') : paint('red', 'error')
      print(`${allowed ? paint('green', 'allowed') : verdict}  ${printTupleText(tuple)}\n`)
      print(drawExplanation(explanation))
    })
}
