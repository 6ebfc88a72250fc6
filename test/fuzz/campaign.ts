/**
 * Throws inputs at a target until it has had its share. A target says of each whether it was taken or refused, and throws
 * where neither would be right; what it threw is told with the input, so that it can be put into a table.
 */
import { mutate } from './mutate.ts'
import { Random } from './random.ts'

export type Verdict = 'taken' | 'refused'

export interface Target {
  readonly name: string
  /** Inputs that are taken. */
  readonly seeds: readonly Uint8Array[]
  /** Words that mean something in this format. */
  readonly words: readonly string[]
  /** Inputs for each thousand of the whole: cheap targets get more. */
  readonly share: number
  /** Before each campaign: what an earlier one left must not be in the way of the seeds. */
  begin?(): void
  /** Throws where the input was neither taken nor refused as it should. */
  attempt(input: Buffer): Verdict | Promise<Verdict>
}

export interface Tally {
  readonly inputs: number
  readonly taken: number
  readonly refused: number
}

/** Inputs that were taken and may be changed further: enough to wander, few enough to stay in the processor's cache. */
const corpusMax = 512

/** @throws Error with the seed and the input, caused by what the target threw */
export async function campaign(target: Target, inputs: number, seed: number): Promise<Tally> {
  const random = new Random(seed)
  const corpus: Uint8Array[] = [...target.seeds]
  const tally = { inputs: 0, taken: 0, refused: 0 }
  target.begin?.()
  for (const seeded of target.seeds) {
    const verdict = await attempt(target, Buffer.from(seeded), seed)
    if (verdict !== 'taken') throw new Error(`${target.name}: refused a seed: ${shown(Buffer.from(seeded))}`)
  }
  while (tally.inputs < inputs) {
    const input = mutate(random.of(corpus), corpus, target.words, random)
    const answer = attempt(target, input, seed)
    const verdict = typeof answer === 'string' ? answer : await answer
    tally.inputs++
    tally[verdict]++
    if (verdict === 'refused') continue
    // One that is taken leads to others that are; a later one may take its place.
    if (corpus.length < corpusMax) corpus.push(input)
    else if (random.below(8) === 0) corpus[random.below(corpusMax)] = input
  }
  return tally
}

function attempt(target: Target, input: Buffer, seed: number): Verdict | Promise<Verdict> {
  try {
    const answer = target.attempt(input)
    if (typeof answer === 'string') return answer
    return answer.catch((thrown: unknown) => fail(target, input, seed, thrown))
  } catch (thrown) {
    return fail(target, input, seed, thrown)
  }
}

function fail(target: Target, input: Buffer, seed: number, cause: unknown): never {
  const why = cause instanceof Error ? cause.message : String(cause)
  throw new Error(`${target.name}, replay with SEED=${seed}: ${why}\n${shown(input)}`, { cause })
}

function shown(input: Buffer): string {
  return `${JSON.stringify(input.toString('latin1'))}\nbase64 ${input.toString('base64')}`
}
