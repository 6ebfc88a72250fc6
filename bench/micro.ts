/**
 * The small pieces that every request pays for, each alone: `node --import tsx bench/micro.ts`. For looking, not for the
 * table; a piece that is fast alone may be slow in company.
 */
import { bench, do_not_optimize, run } from 'mitata'
import { parseObject } from '../src/tuple/object.ts'
import { parseSubject } from '../src/tuple/subject.ts'
import { openZookie, sealZookie } from '../src/tuple/zookie.ts'
import { decodeCheck } from '../src/wire/question.ts'

const key = new Uint8Array(32).fill(7)
const zookie = { store: '01J00000000000000000000000', epoch: '0011223344556677', revision: 123_456 }
const sealed = sealZookie(key, zookie)
const text = '{"tuple_key":{"user":"user:u12345","relation":"can_use","object":"agent:a6789"}}'

if (openZookie(key, sealed)?.revision !== zookie.revision) throw new Error('a wrong zookie')
if (decodeCheck(JSON.parse(text)).tuple.subject !== 'user:u12345') throw new Error('a wrong question')

bench('parse an object', () => do_not_optimize(parseObject('agent:a6789')))
bench('parse a userset', () => do_not_optimize(parseSubject('group:g12345#member')))
bench('seal a zookie', () => do_not_optimize(sealZookie(key, zookie)))
bench('open a zookie', () => do_not_optimize(openZookie(key, sealed)))
bench('a check’s body: parse JSON', () => do_not_optimize(JSON.parse(text)))
bench('a check’s body: parse and decode', () => do_not_optimize(decodeCheck(JSON.parse(text))))
await run()
