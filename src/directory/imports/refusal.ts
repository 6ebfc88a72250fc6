/** Why a file is refused as a whole: nothing of it is kept. */
import { Fault } from '../../lib/fault.ts'

export interface FileProblem {
  /** The code that clients see. */
  readonly word: string
  readonly message: string
  readonly hint: string
}

/** @throws Fault invalid_file */
export function refuseFile({ word, message, hint }: FileProblem): never {
  throw new Fault('invalid_file', message, { field: 'file', word, hint })
}

/** What comes from a file, inside a sentence. */
export function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200).toWellFormed()}…`
}
