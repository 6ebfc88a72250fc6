/** A rule that costs much: some 1.5 ms of somebody with such texts. A commit has room for a hundred of them. */
import { putRule } from '../../src/directory/rules/kept.ts'
import type { Stage } from './stage.ts'

const list = Array.from({ length: 60 }, () => '')
export const texts = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`k${at}`, list]))
export const dear = "attrs.exists(k, attrs[k].exists(v, v == 'x'))"

/** As many groups in which nobody is by their rules: these are put there past the routes. */
export async function withRules(stage: Stage, text: string, count: number): Promise<Stage> {
  await stage.commit((draft) => {
    for (let at = 0; at < count; at++) {
      const id = `g${String(at).padStart(3, '0')}`
      draft.put('group', id, { name: id })
      draft.write(`group:${id}`, 'organization', draft.organization)
      const kept = { kind: 'expression' as const, text, enabled: true }
      putRule(draft, id, { ...kept, updatedAt: draft.view.now, updatedBy: 'user:boss' })
    }
  })
  return stage
}
