/**
 * The presets there are: read from folders, checked, kept. Nothing is read before somebody asks, since the parser of
 * models is heavy and a sidecar without organizations has no use for it. Files are read once: a preset does not change
 * under the organizations that stand on it.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault } from '../../lib/fault.ts'
import { compileModel } from '../../model/compile.ts'
import { parseDsl } from '../../model/dsl.ts'
import { validateModel } from '../../model/validate.ts'
import type { Plans, Preset, TupleTemplate } from './preset.ts'
import { problemsOf } from './preset-check.ts'
import { decodePreset, type PresetText } from './preset-shape.ts'

export interface Presets {
  /** @throws Fault not_found; Error naming file, field and fix, where a file cannot be used */
  get(id: string): Promise<Preset>
  /** By id. @throws Error as `get` */
  list(): Promise<readonly Preset[]>
}

/** Of the package itself. */
const shipped = fileURLToPath(new URL('../../../schema/presets', import.meta.url))

/** @param folders - the operator's own, beside those of the package; a preset is a `.json` and the model that it names */
export function presetsOf(folders: readonly string[] = []): Presets {
  const index = kept(() => indexOf([shipped, ...folders]))
  const loaded = new Map<string, () => Promise<Preset>>()
  const get = async (id: string): Promise<Preset> => {
    const known = await index()
    const found = known.get(id)
    if (found === undefined) {
      throw new Fault('not_found', `there is no preset \`${id}\`; there is ${[...known.keys()].join(', ')}`)
    }
    const load = loaded.get(id) ?? kept(() => telling(found.file, () => withModel(found)))
    loaded.set(id, load)
    return load()
  }
  return {
    get,
    async list() {
      const presets: Preset[] = []
      // One after another: the parser takes only so many at a time.
      for (const id of (await index()).keys()) presets.push(await get(id))
      return presets
    },
  }
}

/** Made once; but a failure is not kept, since a file may be mended meanwhile. */
function kept<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make().catch((thrown: unknown) => {
      made = undefined
      throw thrown
    })
    return made
  }
}

/** A preset without its model. */
interface Found {
  readonly file: string
  readonly read: PresetText
}

async function indexOf(folders: readonly string[]): Promise<ReadonlyMap<string, Found>> {
  const files = (await Promise.all(folders.map(filesOf))).flat()
  const found = await Promise.all(files.map((file) => telling(file, () => readText(file))))
  const known = new Map<string, Found>()
  for (const each of found.sort((one, other) => (one.read.id < other.read.id ? -1 : 1))) {
    const twin = known.get(each.read.id)
    if (twin !== undefined) {
      throw new Error(`${each.file}: id: ${twin.file} has the same; a preset is not replaced`)
    }
    known.set(each.read.id, each)
  }
  return known
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw new Error(`the presets in ${folder} cannot be read`, { cause: thrown })
  })
  return names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name))
}

async function readText(file: string): Promise<Found> {
  const read = decodePreset(JSON.parse(await readFile(file, 'utf8')))
  if (read.id !== basename(file, '.json')) throw new Error(`id: \`${read.id}\` is not the name of its file`)
  return { file, read }
}

/** Whatever is wrong with a file is told with its name. */
async function telling<Value>(file: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (thrown) {
    // The parser's being busy is no fault of the file.
    if (thrown instanceof Fault && thrown.code !== 'invalid_authorization_model') throw thrown
    throw new Error(`${file}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
      cause: thrown,
    })
  }
}

async function withModel({ file, read }: Found): Promise<Preset> {
  const { modelFile, ...preset } = read
  const dsl = await readFile(resolve(file, '..', modelFile), 'utf8').catch((cause: unknown) => {
    throw new Error(`model: ${modelFile} cannot be read`, { cause })
  })
  const model = await telling(`model: ${modelFile}`, async () => {
    const parsed = await parseDsl(dsl)
    validateModel(parsed)
    return parsed
  })
  const problems = problemsOf(read, compileModel(read.id, model))
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const begin = Object.values(preset.switches).filter((each) => each.default)
  const tuples = [
    ...preset.tuples,
    ...(preset.plans === undefined ? [] : inclusions(preset.plans)),
    ...begin.flatMap((each) => each.tuples),
  ]
  return { ...preset, tuples, dsl, model, labels: labelsOf(read) }
}

/** What each plan includes, for everybody: the organization is looked up in its plan. */
function inclusions({ type, ladder }: Plans): readonly TupleTemplate[] {
  return ladder.flatMap(({ id, entitlements }) =>
    entitlements.map((relation) => ({ object: `${type}:${id}`, relation, subject: 'user:*' })),
  )
}

function labelsOf({ organization, group, resources }: PresetText): Readonly<Record<string, string>> {
  const kinds = { organization, ...(group !== undefined && { group }), ...resources }
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, { label, plural }]) => [
      [kind, label],
      [`${kind}s`, plural],
    ]),
  )
}
