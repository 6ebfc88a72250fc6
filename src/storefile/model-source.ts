/**
 * The models that files say: DSL in a store file, a `.fga` file, the API's JSON, or an `fga.mod` with its modules.
 * Every fault of a model is given the place in the text that it is about, as near as can be known.
 */
import { Fault } from '../lib/fault.ts'
import { parseDsl, parseModules } from '../model/dsl.ts'
import type { ModelJson } from '../model/json.ts'
import { decodeModel } from '../model/shape.ts'
import { validateModel } from '../model/validate.ts'
import { type Cursor, openDocument } from './cursor.ts'
import { besides, extensionOf, readText } from './files.ts'
import { faultAt, type Placed, type Position, printPosition } from './position.ts'

/** From line and column inside a model's text, both from 1, to the place in the file; `file` of several modules. */
type Locate = (line: number, column: number, file?: string) => Position

/** A model written into a store file. */
export async function modelOf(cursor: Cursor): Promise<Placed<ModelJson>> {
  const value = await compileText(cursor.text(), (line, column) => cursor.within(line, column))
  return { at: cursor.at, value }
}

/**
 * The model of a `.fga`, `.json` or `fga.mod` file, checked.
 * @throws Fault validation_error with the place
 */
export async function readModelFile(path: string, namedAt?: Position): Promise<Placed<ModelJson>> {
  const at = { path, line: 1, column: 1 }
  switch (extensionOf(path)) {
    case '.fga': {
      const text = await readText(path, namedAt)
      return { at, value: await compileText(text, (line, column) => ({ path, line, column })) }
    }
    case '.json': {
      const document = openDocument(path, await readText(path, namedAt))
      const json = document.object()
      return { at, value: checked(document.at, () => decodeModel(json)) }
    }
    case '.mod':
      return { at, value: await readModules(path, namedAt) }
    default:
      throw faultAt(namedAt ?? at, `\`${path}\` is no model; give a .fga, .json or fga.mod file`)
  }
}

async function compileText(text: string, locate: Locate): Promise<ModelJson> {
  const json = await parseDsl(text).catch((error: unknown) => {
    throw placed(error, locate)
  })
  try {
    validateModel(json)
  } catch (error) {
    const { line, column } = subjectOf(text, error)
    throw error instanceof Fault ? faultAt(locate(line, column), error.message, error) : error
  }
  return json
}

async function readModules(path: string, namedAt?: Position): Promise<ModelJson> {
  const document = openDocument(path, await readText(path, namedAt))
  const fields = document.fields(['schema', 'contents'])
  const schema = fields.get('schema') ?? document.refuse('there is no `schema`; write `schema: "1.2"`')
  const contents = fields.get('contents') ?? document.refuse('there is no `contents`, the list of .fga files')
  const files: { name: string; text: string }[] = []
  for (const item of contents.list()) {
    const name = item.text()
    files.push({ name, text: await readText(besides(path, name), item.at) })
  }
  const json = await parseModules(files, schema.text()).catch((error: unknown) => {
    throw placed(error, (line, column, file) => ({
      path: file === undefined ? path : besides(path, file),
      ...{ line, column },
    }))
  })
  return checked(contents.at, () => json)
}

/** `make`, validated; a fault of it is one of the whole file. */
function checked(at: Position, make: () => ModelJson): ModelJson {
  try {
    const json = make()
    validateModel(json)
    return json
  } catch (error) {
    throw error instanceof Fault ? faultAt(at, error.message, error) : error
  }
}

/** How the parser says where: `line 3, column 5: ...`, with the module's file in front of it if there are several. */
const complaint = /^(?:(\S+\.fga): )?line (\d+), column (\d+): (.*)$/

/** The parser's complaints, one a line, each with its place. */
function placed(error: unknown, locate: Locate): unknown {
  if (!(error instanceof Fault)) return error
  const lines = error.message.split('\n').map((line) => {
    const [, file, row, column, message] = complaint.exec(line) ?? []
    return `${printPosition(locate(Number(row ?? 1), Number(column ?? 1), file))}: ${message ?? line}`
  })
  return new Fault('validation_error', lines.join('\n'), { cause: error })
}

/** Where the definition stands that a fault of validation names; the top of the text when it names none. */
function subjectOf(text: string, error: unknown): { line: number; column: number } {
  const message = error instanceof Fault ? error.message : ''
  const inType = /'([^']+)' in object type '([^']+)'/.exec(message)
  const userset = /'([^'#]+)#([^']+)'/.exec(message)
  const type = inType?.[2] ?? userset?.[1] ?? /type '([^']+)'/.exec(message)?.[1]
  const relation = inType?.[1] ?? userset?.[2]
  const condition = /condition (?:key )?'?([^' ]+)'?/.exec(message)?.[1]
  const lines = text.split('\n')
  if (type === undefined) return find(lines, 0, `condition\\s+${literal(condition ?? '')}\\s*\\(`)
  const head = find(lines, 0, `type\\s+${literal(type)}\\s*(#.*)?$`)
  if (relation === undefined) return head
  const found = find(lines, head.line, `define\\s+${literal(relation)}\\s*:`)
  return found.line > head.line ? found : head
}

function find(lines: readonly string[], from: number, pattern: string): { line: number; column: number } {
  const expression = new RegExp(`^\\s*(?:extend\\s+)?${pattern}`)
  const index = lines.findIndex((line, at) => at >= from && expression.test(line))
  return index === -1
    ? { line: 1, column: 1 }
    : { line: index + 1, column: (lines[index]?.search(/\S/) ?? 0) + 1 }
}

function literal(name: string): string {
  return name.replace(/[^\w]/g, '\\$&')
}
