/**
 * A store file and the files it names, read whole before anything is done with it: name, model, tuples, tests.
 * Shapes and the model's own validity only; whether a tuple fits the model is said by bootstrap.ts and run.ts.
 */
import type { ModelJson } from '../model/json.ts'
import type { Tuple } from '../tuple/tuple.ts'
import { type Cursor, openDocument } from './cursor.ts'
import { besides, readText } from './files.ts'
import { modelOf, readModelFile } from './model-source.ts'
import type { Placed } from './position.ts'
import type { StoreFile, StoreTest } from './storefile.ts'
import { checkCaseOf, listObjectsCaseOf, listUsersCaseOf } from './tests.ts'
import { readTupleFile, tuplesOf } from './tuples.ts'

type Fields = ReadonlyMap<string, Cursor>

const shared = ['name', 'model', 'model_file', 'tuples', 'tuple_file', 'tuple_files']

/** @throws Fault validation_error whose message begins `path:line:column: ` and says what to write instead. */
export async function parseStoreFile(path: string): Promise<StoreFile> {
  const root = openDocument(path, await readText(path))
  const fields = root.fields([...shared, 'tests'])
  const name = fields.get('name')
  const tests: StoreTest[] = []
  for (const test of fields.get('tests')?.list() ?? []) tests.push(await testOf(path, test))
  return {
    path,
    name: name === undefined || name.empty ? undefined : nameOf(name),
    model: await readModel(path, fields),
    tuples: await readTuples(path, fields),
    tests,
  }
}

async function testOf(path: string, cursor: Cursor): Promise<StoreTest> {
  const fields = cursor.fields([...shared, 'description', 'check', 'list_objects', 'list_users'])
  const name = fields.get('name')
  return {
    name: name === undefined || name.empty ? (cursor.name ?? 'test') : name.text(),
    at: cursor.at,
    model: await readModel(path, fields),
    tuples: await readTuples(path, fields),
    checks: (fields.get('check')?.list() ?? []).map(checkCaseOf),
    listObjects: (fields.get('list_objects')?.list() ?? []).map(listObjectsCaseOf),
    listUsers: (fields.get('list_users')?.list() ?? []).map(listUsersCaseOf),
  }
}

/** What the API takes as the name of a store. */
const storeName = /^[a-zA-Z0-9\s.\-/^_&@]{3,64}$/

function nameOf(cursor: Cursor): string {
  const name = cursor.text()
  if (!storeName.test(name)) {
    cursor.refuse('a store name has 3 to 64 letters, digits, spaces or any of . - / ^ _ & @')
  }
  return name
}

async function readModel(path: string, fields: Fields): Promise<Placed<ModelJson> | undefined> {
  const inline = given(fields, 'model')
  const named = given(fields, 'model_file')
  if (inline !== undefined && named !== undefined) named.refuse('give `model` or `model_file`, not both')
  if (inline !== undefined) return modelOf(inline)
  return named === undefined ? undefined : readModelFile(besides(path, named.text()), named.at)
}

async function readTuples(path: string, fields: Fields): Promise<readonly Placed<Tuple>[]> {
  const inline = given(fields, 'tuples')
  const file = given(fields, 'tuple_file')
  const files = [...(file === undefined ? [] : [file]), ...(given(fields, 'tuple_files')?.list() ?? [])]
  const tuples = inline === undefined ? [] : [...tuplesOf(inline)]
  for (const named of files) {
    for (const tuple of await readTupleFile(besides(path, named.text()), named.at)) tuples.push(tuple)
  }
  return tuples
}

function given(fields: Fields, name: string): Cursor | undefined {
  const field = fields.get(name)
  return field === undefined || field.empty ? undefined : field
}
