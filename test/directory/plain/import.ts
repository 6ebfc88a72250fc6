/** The rules of files of members, plainly: a text, who there is, and what becomes of each row. */

export interface Row {
  readonly row: number
  readonly email: string
  readonly user?: string
  readonly role?: string
  readonly from?: string
  /** Of a row that is skipped or rejected. */
  readonly why?: string
}

export interface Reading {
  readonly added: readonly Row[]
  readonly changed: readonly Row[]
  readonly skipped: readonly Row[]
  readonly errors: readonly Row[]
}

/** Who there is: users by address, in small letters, and the roles of those in the group. */
export interface World {
  readonly users: ReadonlyMap<string, string>
  readonly roles: ReadonlyMap<string, string>
}

/** Which roles the acting user may give, and whether they may change any. */
export interface Rights {
  readonly gives: readonly string[]
  readonly changes: boolean
}

const roles = ['manager', 'member']

/** What is wrong with a file as a whole. */
export class BadFile extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** @throws BadFile */
export function readFile(text: string, delimiter: string, world: World, rights: Rights): Reading {
  const lines = recordsOf(text.replace(/\r\n|\r/g, '\n'), delimiter)
  const rows = lines.map((cells, at) => ({ row: at + 1, cells })).filter(({ cells }) => cells.join('') !== '')
  const [head, ...body] = rows
  if (head === undefined) throw new BadFile('empty_file')
  const names = head.cells.map((name) => name.toLowerCase().replace(/[ -]/g, ''))
  const given = names.filter((name) => name !== '')
  if (new Set(given).size < given.length) throw new BadFile('duplicate_header')
  if (!names.includes('email')) throw new BadFile('missing_column')
  const reading = { added: [], changed: [], skipped: [], errors: [] } as {
    [List in keyof Reading]: Row[]
  }
  const seen: string[] = []
  for (const { row, cells } of body) {
    const email = cells[names.indexOf('email')] ?? ''
    const role = (names.includes('role') ? (cells[names.indexOf('role')] ?? '') : '').toLowerCase()
    const reject = (why: string) => reading.errors.push({ row, email, why })
    const key = email.toLowerCase()
    if (cells.length < names.length) reject('too_few_fields')
    else if (cells.slice(names.length).join('') !== '') reject('too_many_fields')
    else if (email === '') reject('missing_email')
    else if (!/^[a-z0-9][a-z0-9.]*@[a-z0-9.]+\.[a-z]+$/.test(key)) reject('invalid_email')
    else if (seen.includes(key)) reading.skipped.push({ row, email, why: 'duplicate_in_file' })
    else {
      seen.push(key)
      const judged = judge({ row, email }, role, world, rights)
      reading[judged.list].push(judged.row)
    }
  }
  return reading
}

interface Judged {
  readonly list: keyof Reading
  readonly row: Row
}

function judge(
  at: { readonly row: number; readonly email: string },
  role: string,
  world: World,
  rights: Rights,
): Judged {
  const reject = (why: string): Judged => ({ list: 'errors', row: { ...at, why } })
  if (role !== '' && !roles.includes(role)) return reject('unknown_role')
  const user = world.users.get(at.email.toLowerCase())
  if (user === undefined) return reject('unknown_user')
  const held = world.roles.get(user)
  if (held !== undefined && role === '') return { list: 'skipped', row: { ...at, why: 'already_member' } }
  if (held !== undefined && held === role) return { list: 'skipped', row: { ...at, why: 'same_role' } }
  const wanted = role === '' ? 'member' : role
  if (held === undefined ? !rights.gives.includes(wanted) : !rights.changes) return reject('role_not_allowed')
  return held === undefined
    ? { list: 'added', row: { ...at, user, role: wanted } }
    : { list: 'changed', row: { ...at, user, role: wanted, from: held } }
}

/** What a confirmation does of what was shown, in the world as it is by then. */
export function confirmReading(shown: Reading, world: World, rights: Rights): Reading {
  const done = { added: [], changed: [], skipped: [...shown.skipped], errors: [...shown.errors] } as {
    [List in keyof Reading]: Row[]
  }
  for (const list of ['added', 'changed'] as const) {
    for (const each of shown[list]) {
      const { row, email } = each
      const judged = judge({ row, email }, each.role ?? '', world, rights)
      const isSame = judged.list === list && judged.row.user === each.user && judged.row.from === each.from
      if (judged.list === 'skipped' || judged.list === 'errors') done[judged.list].push(judged.row)
      else if (isSame) done[list].push(each)
      else done.errors.push({ row, email, why: 'changed_since_preview' })
    }
  }
  for (const list of [done.skipped, done.errors]) list.sort((one, other) => one.row - other.row)
  return done
}

/** Cells are trimmed, those in quotes too; `""` inside quotes is one. @throws BadFile */
function recordsOf(text: string, delimiter: string): readonly (readonly string[])[] {
  const records: string[][] = []
  let cells: string[] = []
  let at = 0
  const isEnd = () => at >= text.length || text[at] === '\n'
  const skip = () => {
    while (text[at] === ' ') at++
  }
  while (at < text.length || cells.length > 0) {
    skip()
    let cell = ''
    if (text[at] === '"') {
      at++
      while (text[at] !== '"' || text[at + 1] === '"') {
        if (at >= text.length) throw new BadFile('unclosed_quote')
        if (text[at] === '"') at++
        cell += text[at]
        at++
      }
      at++
      skip()
      if (!isEnd() && text[at] !== delimiter) throw new BadFile('stray_quote')
    } else {
      while (!isEnd() && text[at] !== delimiter) cell += text[at++]
    }
    cells.push(cell.trim())
    const hasMore = !isEnd()
    if (!hasMore) {
      records.push(cells)
      cells = []
    }
    at++
    // A delimiter at the very end: an empty cell is behind it.
    if (hasMore && at >= text.length) {
      cells.push('')
      records.push(cells)
      cells = []
    }
  }
  return records
}
