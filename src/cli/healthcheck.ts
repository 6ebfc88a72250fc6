/** `kith healthcheck`: ready or not, for containers without curl. */
import { Command } from 'commander'
import { exitCodes, Failure } from './failure.ts'
import { Session, withConnection } from './session.ts'
import { note, print, printJson } from './terminal.ts'

export function healthcheckCommand(): Command {
  return withConnection(new Command('healthcheck'))
    .description(
      'exit 0 when the sidecar is ready, 1 when it is not or cannot be reached; without --url, the one of this environment: KITH_OPS_LISTEN, else KITH_LISTEN',
    )
    .action(async (_options: unknown, command: Command) => {
      const session = new Session(command, { probe: true })
      const outcome = await session.client.get('/readyz').catch((error: unknown) => {
        if (error instanceof Failure) return error
        throw error
      })
      if (!(outcome instanceof Failure)) return session.json ? printJson(outcome) : print('ready')
      process.exitCode = exitCodes.no
      if (session.json) printJson({ ready: false, reason: outcome.message })
      else note(`not ready: ${outcome.message}`)
    })
}
