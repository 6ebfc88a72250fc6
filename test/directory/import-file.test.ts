/** Files as spreadsheets, people and attackers write them; and files that leave. */
import { gzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { csvOf } from '../../src/http/directory/csv.ts'
import { sharedDirectory } from './http.ts'
import { stageOf } from './stage.ts'
import { uploadsTo } from './upload.ts'

const directory = await sharedDirectory()
const stage = await stageOf(directory, 'enterprise')
await stage.people('ann', 'bob', 'cyd')
await stage.boss('POST', '/users', { id: 'zoë', email: 'zoë@example.com' })
await stage.boss('POST', '/users', { id: 'zoe', email: 'zoë@example.com' })
await stage.boss('POST', '/users', { id: 'euro', email: '€uro@example.com' })
await stage.boss('POST', '/users', { id: 'wide', email: '\uff4cea@example.com' })
await stage.boss('POST', '/users', { id: 'unseen', email: 'mia\ufe0f@example.com' })
const uploads = uploadsTo(directory, stage, await stage.group('Sales'))

/** What a file would do; nothing of it stays. */
async function read(file: string | Uint8Array, headers?: Readonly<Record<string, string>>) {
  const { status, body } = await uploads.upload(file, 'boss', headers)
  if (status === 201) await stage.boss('DELETE', `${uploads.members}/imports/${body.importId}`)
  return { status, body }
}

/** `row user role` of those who would come in. */
const added = (body: { added: readonly { row: number; user: string; role: string }[] }) =>
  body.added.map(({ row, user, role }) => `${row} ${user} ${role}`)

const utf16 = (text: string, isBig = false): Uint8Array => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return isBig ? bytes.swap16() : bytes
}
const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1')

const plain = 'email,role\nann@example.com,member\nbob@example.com,manager\n'
const both = ['2 ann member', '3 bob manager']

/** Name, file, who would come in. */
const good: readonly (readonly [string, string | Uint8Array, readonly string[]])[] = [
  ['as it is meant to be', plain, both],
  ['CRLF', plain.replaceAll('\n', '\r\n'), both],
  ['CR alone', plain.replaceAll('\n', '\r'), both],
  ['ends of lines of all kinds', 'email,role\r\nann@example.com,member\rbob@example.com,manager\n', both],
  ['no end of the last line', plain.trimEnd(), both],
  ['UTF-8 with its mark', `\ufeff${plain}`, both],
  ['UTF-16, little end first', utf16(plain), both],
  ['UTF-16, big end first', utf16(plain, true), both],
  ['semicolons', plain.replaceAll(',', ';'), both],
  ['tabs', plain.replaceAll(',', '\t'), both],
  ['UTF-16 and tabs, as spreadsheets save text', utf16(plain.replaceAll(',', '\t')), both],
  ['the other order', 'role,email\nmember,ann@example.com\nmanager,bob@example.com\n', both],
  [
    'a header in any case, with spaces',
    ' E-Mail , R O L E \nann@example.com,member\nbob@example.com,manager\n',
    both,
  ],
  ['quotes everywhere', '"email","role"\n"ann@example.com","member"\n"bob@example.com","manager"\n', both],
  [
    'a header in quotes that holds other delimiters',
    '"email","a;b;c;d",role\nann@example.com,,member\n',
    ['2 ann member'],
  ],
  [
    'space around everything',
    'email , role\n  ann@example.com ,\tmember \n bob@example.com, "manager" \n',
    both,
  ],
  ['roles in any case', 'email,role\nann@example.com,MEMBER\nbob@example.com,Manager\n', both],
  ['addresses in any case beyond ASCII', 'email\nZOË@example.com\n', ['2 zoe member']],
  ['addresses in any case', 'email,role\nANN@Example.COM,member\nBob@example.com,manager\n', both],
  ['no column of roles', 'email\nann@example.com\nbob@example.com\n', ['2 ann member', '3 bob member']],
  ['empty roles', 'email,role\nann@example.com,\nbob@example.com," "\n', ['2 ann member', '3 bob member']],
  [
    'blank rows of all kinds, which count',
    'email,role\n\nann@example.com,member\n , \n\t\n"",\nbob@example.com,manager\n\n',
    ['3 ann member', '7 bob manager'],
  ],
  ['blank rows before the header', '\n,\nemail,role\nann@example.com,member\n', ['4 ann member']],
  [
    'a cell with line breaks is one row',
    'email,note,role\nann@example.com,"one\ntwo\r\nthree",member\nbob@example.com,,manager\n',
    both,
  ],
  [
    'columns without a name, as spreadsheets leave them',
    'email,role,,\nann@example.com,member,,\nbob@example.com,manager,,\n',
    both,
  ],
  ['more cells, all empty', 'email,role\nann@example.com,member,,,\nbob@example.com,manager\n', both],
  ['letters composed and decomposed', 'email\nzoe\u0308@example.com\n'.normalize('NFD'), ['2 zoe member']],
  ['Windows-1252', latin('email,role\nzo\xeb@example.com,member\n'), ['2 zoe member']],
  [
    'Windows-1252 where it is not Latin-1',
    latin('email,role\n\x80uro@example.com,member\n'),
    ['2 euro member'],
  ],
]

describe('T26: a file is read', () => {
  test.each(good)('%s', async (_, file, rows) => {
    const { status, body } = await read(file)
    expect([status, body.errors, added(body)]).toEqual([201, [], rows])
  })

  test('blank rows are counted apart', async () => {
    const { body } = await read('email\n\n\nann@example.com\n,\nx\n')
    expect(body.counts).toEqual({
      rows: 2,
      blank: 3,
      added: 1,
      changed: 0,
      invited: 0,
      skipped: 0,
      errors: 1,
    })
  })

  test('what was guessed is said and shown', async () => {
    const { body } = await read(latin('email,name\nann@example.com,Zo\xeb \x93Z\x94 M\xfcller\n'))
    expect(body.file.encoding).toBe('windows-1252')
    expect(body.warnings[0]).toMatchObject({
      code: 'guessed_encoding',
      sample: 'ann@example.com,Zoë “Z” Müller',
    })
    expect((await read(plain)).body.file).toMatchObject({ encoding: 'utf-8', delimiter: ',' })
    expect((await read(utf16(plain.replaceAll(',', ';'), true))).body).toMatchObject({
      file: { encoding: 'utf-16be', delimiter: ';' },
      warnings: [],
    })
  })

  test('columns that are not read are named, and harm nothing', async () => {
    const { status, body } = await read(
      'email,__proto__,constructor,toString,role\nann@example.com,admin,x,y,member\n',
    )
    expect([status, added(body)]).toEqual([201, ['2 ann member']])
    expect(body.warnings.map(({ message }: { message: string }) => message)).toEqual([
      'the column `__proto__` is not read',
      'the column `constructor` is not read',
      'the column `toString` is not read',
    ])
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })

  test('of an address that comes twice the first row counts, whatever becomes of it', async () => {
    const { body } = await read(
      'email,role\nann@example.com,chief\nANN@example.com,member\nbob@example.com,member\n Bob@EXAMPLE.com,manager\n',
    )
    expect([added(body), body.skipped, body.errors.map(({ row }: { row: number }) => row)]).toEqual([
      ['4 bob member'],
      [
        { row: 3, email: 'ANN@example.com', reason: 'duplicate_in_file' },
        { row: 5, email: 'Bob@EXAMPLE.com', reason: 'duplicate_in_file' },
      ],
      [2],
    ])
  })
})

/** A row under `email,role`; the code, the column and what was found. */
const bad: readonly (readonly [string, string, string | null, string])[] = [
  [',member', 'missing_email', 'email', ''],
  ['ann,member', 'invalid_email', 'email', 'ann'],
  ['ann@@example.com,member', 'invalid_email', 'email', 'ann@@example.com'],
  ['ann@example,member', 'invalid_email', 'email', 'ann@example'],
  ['"ann@example.com,bob@example.com",member', 'invalid_email', 'email', 'ann@example.com,bob@example.com'],
  [
    '"ann@example.com\nBcc: x@example.com",member',
    'invalid_email',
    'email',
    'ann@example.com\nBcc: x@example.com',
  ],
  ['=HYPERLINK("http://x.test"),member', 'invalid_email', 'email', '=HYPERLINK("http://x.test")'],
  ['=ann@example.com,member', 'invalid_email', 'email', '=ann@example.com'],
  ['+ann@example.com,member', 'invalid_email', 'email', '+ann@example.com'],
  ['-ann@example.com,member', 'invalid_email', 'email', '-ann@example.com'],
  ['@ann@example.com,member', 'invalid_email', 'email', '@ann@example.com'],
  ['ann\u200b@example.com,member', 'invalid_email', 'email', 'ann\u200b@example.com'],
  [`${'a'.repeat(250)}@example.com,member`, 'invalid_email', 'email', `${'a'.repeat(200)}…`],
  ['ghost@example.com,member', 'unknown_user', 'email', 'ghost@example.com'],
  // Somebody has an address that only looks like it.
  ['lea@example.com,member', 'unknown_user', 'email', 'lea@example.com'],
  ['mia@example.com,member', 'unknown_user', 'email', 'mia@example.com'],
  ['ann@example.com,boss', 'unknown_role', 'role', 'boss'],
  ['ann@example.com,admin', 'unknown_role', 'role', 'admin'],
  ['ann@example.com,__proto__', 'unknown_role', 'role', '__proto__'],
  ['ann@example.com', 'too_few_fields', null, 'ann@example.com'],
  ['ann@example.com,member,more', 'too_many_fields', null, 'ann@example.com'],
]

test.each(bad)('T26, T27: the row %j is an error: %s', async (row, code, column, value) => {
  const { status, body } = await read(`email,role\nbob@example.com,member\n${row}\ncyd@example.com,member\n`)
  expect([status, added(body)]).toEqual([201, ['2 bob member', '4 cyd member']])
  expect(body.errors).toMatchObject([{ row: 3, column, value, code }])
  const [{ message, expected, hint }] = body.errors
  const found = value === '' ? 'nothing' : `\`${value}\``
  expect(message).toBe(`found ${found}, expected ${expected}: ${hint}`)
})

const wide = Array.from({ length: 101 }, (_, at) => `c${at}`).join(',')

/** Name, file, code, what the message names. */
const refused: readonly (readonly [string, string | Uint8Array, string, string])[] = [
  ['empty', '', 'empty_file', 'empty'],
  ['blank', '\n \n,,\n', 'empty_file', 'empty'],
  ['a mark alone', '\ufeff', 'empty_file', 'empty'],
  ['without a header', 'ann@example.com,member\n', 'missing_column', 'ann@example.com, member'],
  ['without addresses', 'role,name\nmember,Ann\n', 'missing_column', 'role, name'],
  ['with a column twice', 'email,role,E mail\na,b,c\n', 'duplicate_header', '`email`'],
  ['with any column twice', 'email,note,Note\na,b,c\n', 'duplicate_header', '`note`'],
  ['with too many columns', `email,${wide}\n`, 'too_many_columns', '100'],
  [
    'with a quote that stays open',
    'email,role\n\nann@example.com,"member\nbob@example.com,manager\n',
    'unclosed_quote',
    'row 3, which begins in line 3,',
  ],
  [
    'with a quote that stays open, below a cell of two lines',
    'email,role\n"a\nb",member\nann@example.com,"x\n',
    'unclosed_quote',
    'row 3, which begins in line 4,',
  ],
  [
    'with text behind a quote',
    'email,role\n"ann"@example.com,member\n',
    'stray_quote',
    'row 2, which begins in line 2,',
  ],
  ['with a NUL', 'email,role\nann@example.com,mem\0ber\n', 'not_text', 'line 2'],
  ['UTF-16 without its mark', utf16(plain).subarray(2), 'not_text', 'line 1'],
  ['a spreadsheet as it is', Buffer.from('PK\x03\x04\x14\0\x06\0xl/worksheets'), 'not_text', 'NUL'],
  [
    'marked as UTF-8, which it is not',
    Buffer.concat([Buffer.from('\ufeffemail\n'), latin('\xeb')]),
    'invalid_encoding',
    'utf-8',
  ],
  ['UTF-16 that ends within a letter', utf16(plain).subarray(0, -1), 'invalid_encoding', 'utf-16le'],
  [
    'UTF-16 with half a pair',
    Buffer.concat([utf16('email\n'), Buffer.from([0x00, 0xd8])]),
    'invalid_encoding',
    'utf-16le',
  ],
  ['of blank rows without end', `email\n${'\n'.repeat(5000)}`, 'too_many_rows', 'blank ones included'],
]

test.each(refused)('T26: a file %s is refused as a whole', async (_, file, code, named) => {
  const { status, body } = await read(file)
  expect([status, body.error.code, body.error.field]).toEqual([422, code, 'file'])
  expect(body.error.message).toContain(named)
  expect(body.error.hint).toBeTruthy()
})

describe('what is sent', () => {
  const sized = (bytes: number) => `email\n${'x'.repeat(bytes - 6)}`

  test('a file has its bound, to the byte', async () => {
    expect((await read(sized(256 * 1024))).status).toBe(201)
    expect(await read(sized(256 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { error: { code: 'resource_exhausted' } },
    })
    const form = async (bytes: number) => {
      const made = new FormData()
      made.set('file', new Blob([sized(bytes)]), 'members.csv')
      const { headers, body } = new Response(made)
      return (await uploads.upload(body ?? '', 'boss', { 'content-type': headers.get('content-type') ?? '' }))
        .status
    }
    expect(await form(256 * 1024)).toBe(201)
    expect(await form(256 * 1024 + 1)).toBe(413)
    expect(await form(512 * 1024)).toBe(413)
  })

  test('one without end is refused at its bound, and no more of it is asked for', async () => {
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += 16 * 1024
        // What a refusal leaves unread is dropped, not kept: here it ends.
        if (sent > 2 * 1024 * 1024) controller.close()
        else controller.enqueue(new Uint8Array(16 * 1024).fill(0x61))
      },
    })
    const { status, body } = await uploads.upload(endless)
    expect([status, body.error.code]).toEqual([413, 'resource_exhausted'])
    expect(sent).toBeLessThan(2 * 1024 * 1024)
  })

  test('nobody is asked for bytes who may not import', async () => {
    let pulls = 0
    const file = new ReadableStream(
      {
        pull(controller) {
          pulls++
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    expect([403, 404]).toContain((await uploads.upload(file, 'ann')).status)
    expect(pulls).toBe(0)
  })

  const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024))

  test.each(['gzip', 'br', 'deflate', 'zstd', 'identity, gzip'])(
    '%s is refused, not unpacked',
    async (encoding) => {
      for (const length of [{}, { 'content-length': String(bomb.length) }]) {
        const answer = await uploads.upload(bomb, 'boss', { 'content-encoding': encoding, ...length })
        expect([answer.status, answer.body.error.code]).toEqual([400, 'validation_error'])
      }
    },
  )

  test('the types that a file can come as', async () => {
    for (const type of [
      'text/csv',
      'TEXT/CSV; charset=utf-8',
      'text/plain;charset=x',
      'text/csv; header=present',
    ]) {
      expect((await read(plain, { 'content-type': type })).status).toBe(201)
    }
    for (const type of ['application/json', 'application/octet-stream', '', 'text/csvx', 'multipart/mixed']) {
      expect(await read(plain, { 'content-type': type })).toMatchObject({
        status: 400,
        body: { error: { message: expect.stringContaining('Content-Type') } },
      })
    }
  })

  /** A form as an attacker writes it. */
  const form = (...parts: readonly string[]) =>
    read(`${parts.map((part) => `--cut\r\n${part}\r\n`).join('')}--cut--\r\n`, {
      'content-type': 'multipart/form-data; boundary=cut',
    })
  const part = (name: string, text = plain) =>
    `Content-Disposition: form-data; ${name}\r\nContent-Type: application/vnd.ms-excel\r\n\r\n${text}`

  test('a form holds one file, whatever it calls it', async () => {
    const names = ['m.csv', '../../etc/passwd', '%22; x=%0d%0aSet-Cookie: a=b.csv', '=1+1.csv']
    for (const name of names) {
      const { status, body } = await form(part(`name="file"; filename="${name}"`))
      expect([status, added(body)]).toEqual([201, both])
      expect(JSON.stringify(body)).not.toMatch(/passwd|Cookie|\.csv/)
    }
    expect(await form(part('name="file"; filename="a\\"; x=\\"b.csv"'))).toMatchObject({ status: 400 })
    const file = part('name="file"; filename="m.csv"')
    expect(await form(file, file)).toMatchObject({ status: 422, body: { error: { field: 'file' } } })
    expect(await form(file, part('name="note"', 'x'))).toMatchObject({ status: 422 })
    expect(await form(part('name="file"'))).toMatchObject({ status: 422 })
    expect(await form()).toMatchObject({ status: 422 })
  })

  test.each(['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=other'])(
    'a form that is none: %s',
    async (type) => {
      const { status, body } = await read(`--cut\r\n${part('name="file"; filename="m"')}`, {
        'content-type': type,
      })
      expect([status, body.error.code]).toEqual([400, 'validation_error'])
    },
  )

  test('an upload has no dry run: it is one', async () => {
    const path = `/v1/orgs/${stage.id}${uploads.members}/imports?dryRun=true`
    const answer = await directory.ask('POST', path, plain, {
      'kith-actor': 'user:boss',
      'content-type': 'text/csv',
    })
    expect(answer).toMatchObject({ status: 422, body: { error: { field: 'dryRun' } } })
  })
})

describe('files that leave', () => {
  test('no cell is a formula, whatever it begins with', async () => {
    const cells = ['=1', '+1', '-1', '@x', '\t=1', '\r=1', '\n=1', '\0=1', '＝1', '1', '', "'=1", 'a\n=1']
    const pieces: string[] = []
    for await (const piece of csvOf(['a', 'b'], [cells.map((cell) => ['x', cell])])) pieces.push(piece)
    const [, ...rows] = parse(pieces.join(''), { record_delimiter: '\r\n' })
    expect(rows.map(([, cell]) => cell)).toEqual(cells.map((cell, at) => (at < 9 ? `'${cell}` : cell)))
  })

  test('rejected rows, as they came and why, are mended and brought back', async () => {
    const id = await uploads.preview(
      'role,note,email\nmember,n,ann@example.com\nchief,n,"cyd@example.com"\n,n,"=cmd|\' /C calc\'!A0"\n"+1",n,@x\n',
    )
    const { status, body, headers } = await uploads.get(`${id}/rejected.csv`)
    expect(status).toBe(200)
    expect(headers.get('content-disposition')).toBe('attachment; filename="rejected.csv"')
    expect(headers.get('cache-control')).toBe('no-store')
    const roles = 'expected one of manager, member: put in one of them'
    const address =
      'expected an e-mail address such as ann@example.com: put in the address of a user, or take the row out'
    expect(body.split('\r\n')).toEqual([
      'email,role,error',
      `cyd@example.com,chief,"row 3: found \`chief\`, ${roles}"`,
      `'=cmd|' /C calc'!A0,,"row 4: found \`=cmd|' /C calc'!A0\`, ${address}"`,
      `'@x,'+1,"row 5: found \`@x\`, ${address}"`,
      '',
    ])
    const mended = await read(body.replace('chief', 'member'))
    expect([added(mended.body), mended.body.warnings]).toEqual([
      ['2 cyd member'],
      [{ code: 'unknown_column', message: 'the column `error` is not read' }],
    ])
  })

  test('members leave as what an import reads, and no name is a formula', async () => {
    const other = await stageOf(directory, 'default')
    const names = ['=1+1', '+1', '-1', '@x', 'Zoë "Z", M', '＝1']
    for (const [at, name] of names.entries()) {
      await other.boss('POST', '/users', {
        id: `u${at}`,
        name,
        email: `${at === 0 ? '=' : ''}u${at}@example.com`,
      })
    }
    const there = uploadsTo(directory, other, await other.group('G'))
    for (const at of names.keys()) await other.boss('POST', there.members, { user: `u${at}`, role: 'member' })
    const { status, body, headers } = await other.boss('GET', `/groups/${there.group}/members.csv`)
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(headers.get('content-disposition')).toBe('attachment; filename="members.csv"')
    const rows = body.split('\r\n').map((row: string) => row.split(',manual,')[0])
    expect(rows).toEqual([
      'email,role,name,id,sources,added_at',
      'boss@example.com,owner,Boss,boss',
      "'=u0@example.com,member,'=1+1,u0",
      "u1@example.com,member,'+1,u1",
      "u2@example.com,member,'-1,u2",
      "u3@example.com,member,'@x,u3",
      'u4@example.com,member,"Zoë ""Z"", M",u4',
      "u5@example.com,member,'＝1,u5",
      '',
    ])
    const back = await there.upload(body)
    expect(back.body.counts).toMatchObject({ rows: 7, added: 0, skipped: 6, errors: 1 })
  })

  test('of more members than a page, in order, to those alone who may see them', async () => {
    const other = await stageOf(directory, 'sharing')
    const ids = Array.from({ length: 230 }, (_, at) => `u${String(at).padStart(3, '0')}`)
    await other.people(...ids)
    const group = await other.group('G', { visibility: 'private' })
    await other.boss('POST', `/groups/${group}/members`, { users: ids, role: 'viewer' })
    const { body } = await other.boss('GET', `/groups/${group}/members.csv`)
    const read = body
      .split('\r\n')
      .slice(1, -1)
      .map((row: string) => row.split(',')[3])
    expect(read).toEqual(['boss', ...ids])
    await other.people('out')
    expect((await other.as('out')('GET', `/groups/${group}/members.csv`)).status).toBe(404)
    expect((await stage.boss('GET', `/groups/${group}/members.csv`)).status).toBe(404)
  })
})
