/**
 * The model's language as text: parsing and printing, by the language's own library. It is heavy (150 ms and 15 MB),
 * so it is loaded at the first use; a sidecar that only answers questions never pays. Not validation, and not the
 * thread that parses: dsl-parser.ts.
 */
import { Fault } from '../lib/fault.ts'
import { DslParser } from './dsl-parser.ts'
import type { ModelJson } from './json.ts'
import { decodeModel } from './shape.ts'

/** Stops a text from keeping the parser busy: longer ones would hardly pass the limit on a model's size. */
export const dslBytesMax = 256 * 1024

/** The parser takes minutes for 4 KiB of open brackets (2,000 deep: 354 s); at this depth, milliseconds. Nobody nests five. */
const bracketDepthMax = 16

/** One file of a modular model; `name` as in `fga.mod`, ending in `.fga`. */
export interface ModuleFile {
  readonly name: string
  readonly text: string
}

/**
 * A model of one file, in its normal form.
 * @throws Fault invalid_authorization_model: one line an error, with line and column from 1 and the text at fault.
 */
export async function parseDsl(text: string): Promise<ModelJson> {
  checkCost([text])
  const parsed = await refusing(parser.parse('transformDSLToJSONObject', text), [{ name: '', text }])
  if (typeof parsed !== 'object' || parsed === null || !('schema_version' in parsed)) {
    throw new Fault('invalid_authorization_model', 'a module is not a model: it needs its fga.mod')
  }
  return decodeModel(parsed)
}

/** A model of several modules, as `fga.mod` lists them; `schema` is the version it names. */
export async function parseModules(files: readonly ModuleFile[], schema: string): Promise<ModelJson> {
  checkCost(files.map((file) => file.text))
  const modules = files.map(({ name, text }) => ({ name, contents: text }))
  return decodeModel(await refusing(parser.parse('transformModuleFilesToModel', modules, schema), files))
}

/** The text of a model; comments are not part of a model and do not come back. */
export async function printDsl(json: ModelJson): Promise<string> {
  const { transformer } = await import('@openfga/syntax-transformer')
  const printing = Promise.resolve().then(() => transformer.transformJSONStringToDSL(JSON.stringify(json)))
  return refusing(printing, [])
}

const parser = new DslParser()

/** Before the parser sees the texts: they wait for one another. */
function checkCost(texts: readonly string[]): void {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes > dslBytesMax) {
    throw new Fault('invalid_authorization_model', `the model's text is longer than ${dslBytesMax} bytes`)
  }
  for (const text of texts) checkBrackets(text)
}

function checkBrackets(text: string): void {
  let depth = 0
  for (const [index, line] of text.split('\n').entries()) {
    for (let column = 0; column < line.length; column++) {
      if (line[column] === '#') break
      if (line[column] === ')') depth = Math.max(0, depth - 1)
      if (line[column] === '(') depth += 1
      if (depth <= bracketDepthMax) continue
      throw new Fault(
        'invalid_authorization_model',
        `line ${index + 1}, column ${column + 1}: more than ${bracketDepthMax} brackets are open`,
      )
    }
  }
}

/** What the library throws, as a Fault: its own error lists one by one, anything else (a stack overflow) as one. */
async function refusing<Result>(transformed: Promise<Result>, files: readonly ModuleFile[]): Promise<Result> {
  try {
    return await transformed
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown
    const errors = errorsOf(thrown)
    const message = errors.map((error) => printError(error, files)).join('\n')
    throw new Fault(
      'invalid_authorization_model',
      message || `the model cannot be read: ${reasonOf(thrown)}`,
      {
        cause: thrown,
      },
    )
  }
}

/** The part of the library's errors that we read; lines and columns count from 0. */
interface ParseError {
  readonly msg: string
  readonly line?: { readonly start: number }
  readonly column?: { readonly start: number; readonly end: number }
  readonly file?: string
  readonly metadata?: { readonly symbol?: string }
}

function errorsOf(thrown: unknown): readonly ParseError[] {
  if (typeof thrown !== 'object' || thrown === null || !('errors' in thrown)) return []
  return Array.isArray(thrown.errors) ? thrown.errors : []
}

function printError({ msg, line, column, file, metadata }: ParseError, files: readonly ModuleFile[]): string {
  if (line === undefined || column === undefined) return file === undefined ? msg : `${file}: ${msg}`
  const source = files.find(({ name }) => name === (file ?? ''))?.text.split('\n')[line.start]
  const found = source?.slice(column.start, column.end) || metadata?.symbol
  const at = `${file === undefined ? '' : `${file}: `}line ${line.start + 1}, column ${column.start + 1}`
  return `${at}: ${msg}${found === undefined ? '' : ` (at \`${found}\`)`}`
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
