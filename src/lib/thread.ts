/**
 * A module on a thread of its own, for work that would hold up the event loop. Compiled it is run as it lies there; as a
 * source, in tests and under tsx, by tsx, because Node 20 reads no TypeScript.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

/**
 * Starts the module `name`, without its ending, beside the one whose `import.meta.url` is `base`. Some 20 ms and 10 MB;
 * 200 ms from a source. @param workerData - what the module finds under this name @param heapMax - in MiB
 */
export function startThread(name: string, base: string, workerData: unknown, heapMax: number): Worker {
  const options = { workerData, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: heapMax } }
  if (!base.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, base), options)
  const tsx = createRequire(base).resolve('tsx/cjs/api')
  const source = fileURLToPath(new URL(`./${name}.ts`, base))
  const script = `require(${JSON.stringify(tsx)}).require(...${JSON.stringify([source, source])})`
  return new Worker(script, { ...options, eval: true })
}
