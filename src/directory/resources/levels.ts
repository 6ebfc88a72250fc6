/**
 * Levels: what users and groups are given on a resource. One holder has one row on one resource, whatever the level; what
 * several rows come to is the model's to say.
 */
import { Fault } from '../../lib/fault.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Draft } from '../draft.ts'
import { forgetParked } from '../people/parked.ts'
import type { Level, ResourceKind } from '../preset/preset.ts'
import { type Sight, userType } from '../sight.ts'

/** @param asked - id or alias; absent: the default, or the only one. @throws Fault invalid_field, not_in_preset */
export function levelOf(kind: ResourceKind, asked: string | undefined): Level {
  const { levels } = kind
  const known = levels.map(({ id }) => id).join(', ')
  const word = asked?.toLowerCase() ?? kind.defaultLevel ?? (levels.length === 1 ? levels[0]?.id : undefined)
  if (word === undefined) {
    throw new Fault('invalid_field', `\`level\` is required: one of ${known}`, { field: 'level' })
  }
  const found = levels.find(({ id, aliases }) => id === word || aliases.includes(word))
  if (found !== undefined) return found
  throw new Fault('not_in_preset', `${kind.label} has no level \`${asked}\`: it is one of ${known}`, {
    field: 'level',
  })
}

/**
 * How a holder is written at a level; undefined: it cannot be given that one.
 * @param holder - `user:anne`, `group:g`
 */
export function subjectAt(level: Level, holder: string): string | undefined {
  if (typeOf(holder) === userType) return level.direct ? holder : undefined
  if (level.group === undefined) return undefined
  return level.group === 'object' ? holder : `${holder}#${level.group}`
}

/** The level that a holder was given itself. */
export function heldLevel(
  sight: Sight,
  kind: ResourceKind,
  object: string,
  holder: string,
): Level | undefined {
  return kind.levels.find((level) => {
    const subject = subjectAt(level, holder)
    return subject !== undefined && sight.has(object, level.relation, subject)
  })
}

/** Whether a level can be given to a person. @throws Fault feature_not_in_preset, type_restriction */
export function demandDirect(sight: Sight, kind: ResourceKind, level: Level): void {
  if (!level.direct) throw notForSuch(sight, kind, `${userType}:`, level)
}

/** In place of the one that the holder had, which is returned. @throws Fault feature_not_in_preset, type_restriction */
export function give(
  draft: Draft,
  kind: ResourceKind,
  object: string,
  holder: string,
  level: Level,
): Level | undefined {
  const subject = subjectAt(level, holder)
  if (subject === undefined) throw notForSuch(draft, kind, holder, level)
  const old = takeBack(draft, kind, object, holder)
  draft.write(object, level.relation, subject)
  return old
}

/** Also from a user who is inactive, and would have it again. The level that it was; undefined: there was none. */
export function takeBack(
  draft: Draft,
  kind: ResourceKind,
  object: string,
  holder: string,
): Level | undefined {
  const old = heldLevel(draft, kind, object, holder)
  const awaited: Level[] = []
  for (const level of kind.levels) {
    const subject = subjectAt(level, holder)
    if (subject === undefined) continue
    const { relation } = level
    if (draft.has(object, relation, subject)) draft.delete(object, relation, subject)
    const isAwaited = typeOf(holder) === userType && forgetParked(draft, idOf(holder), { object, relation })
    if (isAwaited) awaited.push(level)
  }
  return old ?? awaited[0]
}

/** Some kinds are given to groups alone, or to people alone; some levels are. */
function notForSuch({ preset }: Sight, kind: ResourceKind, holder: string, level: Level): Fault {
  const whom = typeOf(holder) === userType ? 'users one by one' : 'any group'
  if (kind.levels.every((each) => subjectAt(each, holder) === undefined)) {
    return new Fault('feature_not_in_preset', `in \`${preset.id}\` ${kind.plural} are not given to ${whom}`, {
      word: 'not_in_preset',
    })
  }
  return new Fault('type_restriction', `the level ${level.id} is not given to ${whom}`, { field: 'level' })
}
