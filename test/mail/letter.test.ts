import { expect, test } from 'vitest'
import { isMailAddress } from '../../src/lib/mail-address.ts'
import { escaped, invitationLetter, plain } from '../../src/mail/letter.ts'

const letter = {
  id: 'inv_1.1',
  to: 'ann@example.com',
  organization: 'Acme',
  inviter: 'Boss',
  role: 'Admin',
  expiresAt: Date.UTC(2026, 10, 29, 12, 5),
  link: 'https://app.example.com/invite?a=1&b=2#token',
}

test('who, where, as what, how and until when, twice', () => {
  const { subject, text, html } = invitationLetter(letter)
  expect(subject).toBe('Boss invites you to Acme')
  for (const part of [text, html]) {
    expect(part).toContain('Boss invites you to Acme as Admin.')
    expect(part.toLowerCase()).toContain('create your account')
    expect(part).toContain('ends on 29 November 2026 at 12:05 UTC')
    expect(part).toContain('for ann@example.com alone')
  }
  expect(text).toContain(`\n${letter.link}\n`)
  expect(html).toContain('href="https://app.example.com/invite?a=1&amp;b=2#token"')
})

test('what people typed is neither markup, nor lines, nor links', () => {
  const { subject, text, html } = invitationLetter({
    ...letter,
    organization: '<script>alert("1")</script>&',
    inviter: 'Win\r\nBcc: evil@example.com\r\n\r\nhttps://evil.example.com/',
  })
  expect(html).not.toContain('<script')
  expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;')
  expect(subject).not.toMatch(/[\r\n]/)
  expect(text).not.toContain('https://evil')
  expect(text.split('\n').filter((line) => line.startsWith('Bcc'))).toEqual([])
})

test.each([
  ['Ann  Lee\u200b', 'Ann Lee'],
  ['a\u2028b\u0000c', 'a b c'],
  ['see www.evil.example', 'see evil. example'],
  ['evil.com', 'evil. com'],
  ['Go to EVIL.co.uk/now?a=1', 'Go to EVIL. co. uk/now?a=1'],
  ['\u0435vil\u3002\u0440\u0444 10.0.0.1', '\u0435vil\u3002 \u0440\u0444 10. 0. 0. 1'],
  ['Dr. J.R. Lee, Acme Inc.', 'Dr. J. R. Lee, Acme Inc.'],
  // The link of an address writes a letter.
  ['ann.lee+x@example.com', 'ann.lee+x@example.com'],
  ['evil.com/a@example.com', 'evil. com/a@example. com'],
  ['write to a@evil.com', 'write to a@evil. com'],
  ['x'.repeat(81), `${'x'.repeat(79)}…`],
  ['x'.repeat(80), 'x'.repeat(80)],
  ['\ud800', '\ufffd'],
])('one short line: %j', (name, shown) => {
  expect(plain(name)).toBe(shown)
})

test('escaped', () => {
  expect(escaped(`<a href="x">'&'</a>`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;')
})

test.each([
  ['ann@example.com', true],
  ["o'hara+x@sub.example.co.uk", true],
  ['a@xn--bcher-kva.example', true],
  [`${'a'.repeat(64)}@example.com`, true],
  [`${'a'.repeat(65)}@example.com`, false],
  [`a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}.com`, false],
  ['a@x.test\r\nBcc: evil@x.test', false],
  ['a@x.test\n', false],
  ['a@x.test, evil@x.test', false],
  ['a@x.test;evil@x.test', false],
  ['Ann <a@x.test>', false],
  ['<a@x.test>', false],
  ['"a b"@x.test', false],
  ['a b@x.test', false],
  ['a@x.test evil@x.test', false],
  ['a@b@x.test', false],
  ['.a@x.test', false],
  ['a..b@x.test', false],
  ['a@x', false],
  ['a@-x.test', false],
  ['a@127.0.0.1', false],
  ['a@[127.0.0.1]', false],
  ['\u00e4@x.test', false],
  ['\uff41nn@x.test', false],
  ['a@b\u00fccher.example', false],
  ['a\u200b@x.test', false],
  ['@x.test', false],
  ['', false],
])('one address, and nothing else: %j is %s', (text, is) => {
  expect(isMailAddress(text)).toBe(is)
})
