/** /v1/orgs/{org}/groups/{group}/members/imports: members from a file, seen before they come in. */
import { confirmImport } from '../../directory/imports/confirm.ts'
import * as directory from '../../directory/imports/preview.ts'
import { form, oneOf } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { fileOf } from '../upload.ts'
import { answerCsv, csvOf } from './csv.ts'
import { groupIn } from './groups.ts'
import { parameter } from './query.ts'
import { actOf, directoryOf, done, refuseDryRun, visitOf } from './visit.ts'

const fileBytesMax = 256 * 1024
const fileTypes = ['text/csv', 'text/plain']

const flag = oneOf('true', 'false')
const confirmation = form({ mode: oneOf('valid_only', 'all_or_nothing') })

export const importTemplate: Verb = (_, door) => async (c) => {
  const found = await directory.importColumns(directoryOf(door), { group: groupIn(c), ...visitOf(c) })
  mark(c, found)
  return await answerCsv(c, 'members.csv', csvOf(found.result, []))
}

export const uploadImport: Verb = (_, door) => async (c) => {
  refuseDryRun(c, 'an upload, which is a preview itself')
  const invite = flag(parameter(c, 'invite'), 'invite') === 'true'
  const request = { group: groupIn(c), invite, ...actOf(c) }
  const read = () => fileOf(c, fileTypes, fileBytesMax)
  return done(c, await directory.previewImport(directoryOf(door), request, read), 201)
}

export const showImport: Verb = (_, door) => async (c) => {
  const found = await directory.getImport(directoryOf(door), { ...visitOf(c), ...importIn(c) })
  mark(c, found)
  return answer(c, found.result)
}

export const showRejected: Verb = (_, door) => async (c) => {
  const found = await directory.rejectedRows(directoryOf(door), { ...visitOf(c), ...importIn(c) })
  mark(c, found)
  const { columns, rows } = found.result
  return await answerCsv(c, 'rejected.csv', csvOf(columns, [rows]))
}

export const confirmUpload: Verb = (_, door) => async (c) => {
  const request = { ...actOf(c), ...importIn(c) }
  const { mode = 'valid_only' } = confirmation(await bodyOf(c))
  return done(c, await confirmImport(directoryOf(door), { mode, ...request }), 200)
}

export const dropImport: Verb = (_, door) => async (c) => {
  return done(c, await directory.discardImport(directoryOf(door), { ...actOf(c), ...importIn(c) }))
}

function importIn(c: Exchange): directory.ImportPlace {
  return { group: groupIn(c), import: c.req.param('import') ?? '' }
}
