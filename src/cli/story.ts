/**
 * Stories: what the five products are for, as requests with the answers they must get. Data (schema/stories), told by
 * telling.ts against a started sidecar; an answer that differs ends the telling.
 */
import { readdir, readFile } from 'node:fs/promises'
import type { Json, JsonObject } from '../lib/json.ts'
import { Failure } from './failure.ts'

export interface Story {
  /** The name of its file. */
  readonly name: string
  readonly title: string
  /** What it shows. */
  readonly about: string
  readonly preset: string
  readonly steps: readonly Step[]
}

export type Step = Management | Question

/** A call of the management API. `{name}` in it stands for what an earlier step kept. */
export interface Management {
  readonly say?: string
  /** The acting user; empty: the platform itself. */
  readonly as: string
  /** `POST /groups`: under the organization's path. */
  readonly do: string
  readonly with?: JsonObject
  readonly status: number
  /** What the answer must hold, besides whatever else it holds. */
  readonly answer?: Json
  /** Names for parts of the answer: name -> field. */
  readonly keep?: Readonly<Record<string, string>>
}

/** May somebody do something to an object? */
export interface Question {
  readonly say?: string
  readonly can: readonly [user: string, relation: string, object: string]
  readonly is: boolean
}

const folder = new URL('../../schema/stories/', import.meta.url)

/** In order of their names. @throws Failure naming the stories there are */
export async function readStories(names: readonly string[]): Promise<readonly Story[]> {
  const known = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort()
  const all = known.map((file) => file.slice(0, -'.json'.length))
  const stray = names.find((name) => !all.includes(name))
  if (stray !== undefined) throw new Failure(`there is no story \`${stray}\`; there are ${all.join(', ')}`)
  const told = names.length === 0 ? all : names
  return await Promise.all(told.map(readStory))
}

async function readStory(name: string): Promise<Story> {
  const text = await readFile(new URL(`${name}.json`, folder), 'utf8')
  return { ...(JSON.parse(text) as Omit<Story, 'name'>), name }
}
