import { expect, test } from 'vitest'
import { ask, convert } from './given.ts'

/** address, block, whether it lies in it; undefined where one of both is refused. */
const rows: readonly (readonly [string, string, boolean | undefined])[] = [
  ['192.168.0.1', '192.168.0.0/24', true],
  ['192.168.1.0', '192.168.0.0/24', false],
  ['192.168.0.1', '192.168.0.77/24', true],
  ['10.0.0.1', '10.0.0.1/32', true],
  ['10.0.0.2', '10.0.0.1/32', false],
  ['255.255.255.255', '0.0.0.0/0', true],
  ['127.255.255.255', '128.0.0.0/1', false],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['::', '::/128', true],
  ['fe80::1', '::/0', true],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8/127', true],
  ['2001:DB8::A', '2001:db8::a/128', true],
  // One address written as the other family: SpiceDB #3184, OpenFGA #3181.
  ['::ffff:192.168.0.1', '192.168.0.0/24', true],
  ['::ffff:c0a8:0001', '192.168.0.0/24', true],
  ['0:0:0:0:0:ffff:192.168.0.1', '192.168.0.0/24', true],
  ['192.168.0.1', '::ffff:192.168.0.0/120', true],
  ['::ffff:192.168.1.1', '::ffff:192.168.0.0/120', false],
  ['192.168.0.1', '::ffff:0:0/96', true],
  ['192.168.0.1', '::ffff:0:0/95', undefined],
  ['192.168.0.1', '::/0', false],
  ['::192.168.0.1', '192.168.0.0/24', false],
  // Not addresses, not blocks.
  ['192.168.0.01', '192.168.0.0/24', undefined],
  ['192.168.0', '192.168.0.0/24', undefined],
  ['192.168.0.256', '192.168.0.0/24', undefined],
  ['192.168.0.1.2', '192.168.0.0/24', undefined],
  ['0xc0.168.0.1', '192.168.0.0/24', undefined],
  [' 192.168.0.1', '192.168.0.0/24', undefined],
  ['192.168.0.1\n', '192.168.0.0/24', undefined],
  ['fe80::1%eth0', 'fe80::/10', undefined],
  ['::1::', '::/0', undefined],
  [':::', '::/0', undefined],
  [':1:2:3:4:5:6:7', '::/0', undefined],
  ['1:2:3:4:5:6:7:', '::/0', undefined],
  ['1:2:3:4:5:6:7:8:9', '::/0', undefined],
  ['1:2:3:4:5:6:7', '::/0', undefined],
  ['1:2:3:4:5:6:7::8', '::/0', undefined],
  ['12345::', '::/0', undefined],
  ['::1.2.3.4:1', '::/0', undefined],
  ['1.2.3.4::', '::/0', undefined],
  ['[::1]', '::/0', undefined],
  ['10.0.0.1', '10.0.0.0', undefined],
  ['10.0.0.1', '10.0.0.0/33', undefined],
  ['10.0.0.1', '10.0.0.0/08', undefined],
  ['10.0.0.1', '10.0.0.0/+8', undefined],
  ['10.0.0.1', '10.0.0.0/-1', undefined],
  ['10.0.0.1', '10.0.0/8', undefined],
  ['10.0.0.1', '10.0.0.0/255.0.0.0', undefined],
  ['::1', '::/129', undefined],
  ['::1', 'fe80::%eth0/64', undefined],
  ['::1', '', undefined],
]

test.each(rows)('%s in %s: %s (spicedb#3184, openfga#3181)', (address, block, expected) => {
  const parameters = { ip: 'ipaddress', block: 'string' }
  const answer = ask('ip.in_cidr(block)', parameters, { ip: address, block })
  if (expected === undefined) expect(answer).toMatch(/^validation_error: /)
  else expect(answer).toBe(expected)
  // The same address through the function; a deny list is the negation, and must not turn an error into an allow.
  const negated = ask(
    '!ipaddress(ip).in_cidr(block)',
    { ip: 'string', block: 'string' },
    { ip: address, block },
  )
  if (expected === undefined) expect(negated).toMatch(/^validation_error: /)
  else expect(negated).toBe(!expected)
})

test('addresses are equal when they are the same address', () => {
  expect(convert('ipaddress', '::FFFF:10.0.0.1', 'x == ipaddress("10.0.0.1")')).toBe(true)
  expect(convert('ipaddress', '2001:db8:0:0:0:0:0:1', 'x == ipaddress("2001:db8::1")')).toBe(true)
  expect(convert('ipaddress', '::10.0.0.1', 'x != ipaddress("10.0.0.1")')).toBe(true)
  expect(convert('ipaddress', '10.0.0.1', 'x in [ipaddress("10.0.0.2"), ipaddress("10.0.0.1")]')).toBe(true)
})
