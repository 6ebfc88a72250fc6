/** A sidecar as a process of its own, started under another program where a fault needs one, and killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { program } from '../cli/program.ts'

export interface Started {
  readonly url: string
  /** Kills it at once, whatever it does; resolves when it is gone. */
  kill(): Promise<void>
}

/**
 * `kith serve` over `data` on a free port. @param under - a command that runs it: strace, prlimit
 * @param env - beside that of this process
 * @throws Error with what it said, when it ends instead
 */
export async function startSidecar(
  data: string,
  under: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const command = [...under, process.execPath, ...program, 'serve', '--listen', '127.0.0.1:0', '--data', data]
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...env },
  })
  const ended = once(child, 'close')
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const kill = async (): Promise<void> => {
    // The group: strace lets go of what it runs when it is killed alone.
    const isGone = child.exitCode !== null || child.signalCode !== null
    if (child.pid !== undefined && !isGone) process.kill(-child.pid, 'SIGKILL')
    await ended
  }
  const url = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /http:\S+(?=,)/.exec(line)?.[0]
      if (found !== undefined) done(found)
    })
    ended.then(([code]) => fail(new Error(`kith serve ended with ${code}: ${said}`)), fail)
    child.once('error', fail)
  })
  return { url, kill }
}
