/**
 * What an attribute of SCIM is (RFC 7643, section 7), and how a path finds it in a resource. One tree a resource says which
 * attributes there are; bodies, paths, filters, answers and /Schemas are all read by it. Not which there are: schemas.ts.
 */

export interface Attribute {
  readonly name: string
  readonly type: 'string' | 'boolean' | 'dateTime' | 'reference' | 'binary' | 'complex'
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: 'readWrite' | 'readOnly' | 'writeOnly' | 'immutable'
  readonly returned: 'default' | 'always' | 'never'
  readonly uniqueness: 'none' | 'server'
  readonly canonicalValues?: readonly string[]
  readonly referenceTypes?: readonly string[]
  readonly subAttributes?: readonly Attribute[]
}

/** Where a path leads: the keys down a document, and the attribute at their end. */
export interface Place {
  readonly keys: readonly string[]
  readonly attribute: Attribute
}

/** By its name in any case; undefined: there is none. */
export function subOf(attribute: Attribute, name: string): Attribute | undefined {
  const subs = subsOf(attribute)
  return subs.get(name) ?? subs.get(name.toLowerCase())
}

/** By their names as they are spelt, which most clients do, and in small letters. Found once for each attribute. */
function subsOf(attribute: Attribute): ReadonlyMap<string, Attribute> {
  const found = known.get(attribute)
  if (found !== undefined) return found
  const subs = new Map<string, Attribute>()
  for (const each of attribute.subAttributes ?? [])
    subs.set(each.name, each).set(each.name.toLowerCase(), each)
  known.set(attribute, subs)
  return subs
}

const known = new WeakMap<Attribute, ReadonlyMap<string, Attribute>>()

/**
 * `name.familyName`, `urn:...:User:department`, `urn:...:User` for all of an extension.
 * @param root - a resource, whose extensions are complex attributes named by their URNs, or a complex attribute
 * @param core - the URN whose attributes are the resource's own
 */
export function placeOf(root: Attribute, path: string, core = ''): Place | undefined {
  const whole = subOf(root, path)
  if (whole !== undefined) return { keys: [whole.name], attribute: whole }
  // Names hold no colon; in a URN what comes after the last one is the attribute.
  const colon = path.lastIndexOf(':')
  if (colon === -1) return walk(root, path.split('.'))
  const urn = path.slice(0, colon)
  const names = path.slice(colon + 1).split('.')
  if (urn.toLowerCase() === core.toLowerCase()) return walk(root, names)
  return subOf(root, urn) === undefined ? undefined : walk(root, [urn, ...names])
}

function walk(root: Attribute, names: readonly string[]): Place | undefined {
  const keys: string[] = []
  let attribute = root
  for (const name of names) {
    const next = subOf(attribute, name)
    if (next === undefined) return undefined
    keys.push(next.name)
    attribute = next
  }
  return { keys, attribute }
}
