/** A tuple made of a preset's template. */
import type { TupleKey } from '../../tuple/tuple.ts'
import type { TupleTemplate } from './preset.ts'

/** @param values - by placeholder, whole: `organization:ID`, `group:ID`, `user:ID` */
export function fill(template: TupleTemplate, values: Readonly<Record<string, string>>): TupleKey {
  const filled = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
  return {
    object: filled(template.object),
    relation: filled(template.relation),
    subject: filled(template.subject),
  }
}
