/** /v1/presets: the products that organizations can be of, and all that a console needs to draw itself for one. */
import { answer, type Verb } from '../exchange.ts'
import { directoryOf } from './visit.ts'

export const listPresets: Verb = (_, door) => async (c) => {
  const all = await directoryOf(door).presets.list()
  return answer(c, { presets: all.map(({ id, title, description }) => ({ id, title, description })) })
}

/** The model as its text, comments and all: what is stored of it is one request away. */
export const getPreset: Verb = (_, door) => async (c) => {
  const { dsl, model: _, ...preset } = await directoryOf(door).presets.get(c.req.param('preset') ?? '')
  return answer(c, { ...preset, model: dsl })
}
