/**
 * The presets there are: read from folders, checked, kept. Nothing is read before somebody asks, since the parser of
 * models is heavy and a sidecar without organizations has no use for it. Files are read once: a preset does not change
 * under the organizations that stand on it.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault } from '../lib/fault.ts'
import { compileModel } from '../model/compile.ts'
import { parseDsl } from '../model/dsl.ts'
import { validateModel } from '../model/validate.ts'
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
const shipped = fileURLToPath(new URL('../../schema/presets', import.meta.url))

/** @param folders - the operator's own, beside those of the package; a preset is a `.json` and the model that it names */
export function presetsOf(folders: readonly string[] = []): Presets {
  let all: Promise<ReadonlyMap<string, Preset>> | undefined
  const load = (): Promise<ReadonlyMap<string, Preset>> => {
    all ??= loadAll([shipped, ...folders]).catch((thrown: unknown) => {
      // Not kept: the file may be mended meanwhile.
      all = undefined
      throw thrown
    })
    return all
  }
  return {
    async get(id) {
      const known = await load()
      const preset = known.get(id)
      if (preset !== undefined) return preset
      throw new Fault('not_found', `there is no preset \`${id}\`; there is ${[...known.keys()].join(', ')}`)
    },
    async list() {
      return [...(await load()).values()]
    },
  }
}

async function loadAll(folders: readonly string[]): Promise<ReadonlyMap<string, Preset>> {
  const files = await Promise.all(folders.map(filesOf))
  const loaded = await Promise.all(
    files.flat().map(async (file) => ({ file, preset: await loadPreset(file) })),
  )
  const known = new Map<string, { readonly file: string; readonly preset: Preset }>()
  for (const each of loaded.sort((one, other) => (one.preset.id < other.preset.id ? -1 : 1))) {
    const twin = known.get(each.preset.id)
    if (twin !== undefined)
      throw new Error(`${each.file}: id: ${twin.file} has the same; a preset is not replaced`)
    known.set(each.preset.id, each)
  }
  return new Map([...known].map(([id, { preset }]) => [id, preset]))
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw new Error(`the presets in ${folder} cannot be read`, { cause: thrown })
  })
  return names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name))
}

/** Another error than ours is told with the file that it is about. */
async function loadPreset(file: string): Promise<Preset> {
  try {
    const read = decodePreset(JSON.parse(await readFile(file, 'utf8')))
    if (read.id !== basename(file, '.json')) {
      throw new Error(`id: \`${read.id}\` is not the name of its file`)
    }
    return await withModel(read, resolve(file, '..', read.modelFile))
  } catch (thrown) {
    throw new Error(`${file}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
      cause: thrown,
    })
  }
}

async function withModel(read: PresetText, file: string): Promise<Preset> {
  const dsl = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`model: ${file} cannot be read`, { cause })
  })
  const model = await parseDsl(dsl).catch((cause: unknown) => {
    throw new Error(`model: ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  })
  validateModel(model)
  const problems = problemsOf(read, compileModel(read.id, model))
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const { modelFile: _, ...preset } = read
  const tuples = [...preset.tuples, ...(preset.plans === undefined ? [] : inclusions(preset.plans))]
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
