/** Zookies and cursors: nobody but us can make one, carry it elsewhere, or spell it in another way. */
import { Fault } from '../../../src/lib/fault.ts'
import { Cursors } from '../../../src/service/cursor.ts'
import { openZookie, sealZookie } from '../../../src/tuple/zookie.ts'
import type { Target } from '../campaign.ts'

const key = Buffer.alloc(32, 7)
const words = ['=', '==', 'A', '_', '-', '+', '/', '%3D', ' ', '\0', '\u00e9']

const zookies = new Set(
  [0, 1, 255, 2 ** 32, 2 ** 47].map((revision) =>
    sealZookie(key, { store: '01J0000000000000000000000A', epoch: '00ff00ff00ff00ff', revision }),
  ),
)
const cursors = new Cursors(key)
const mine = cursors.for('read', 'store', { type: 'document' })
const theirs = cursors.for('read', 'other', { type: 'document' })
const tokens = new Set(['', 'p', 'position', '\0'.repeat(40)].map((at) => mine.seal(Buffer.from(at))))

export const sealed: readonly Target[] = [
  {
    name: 'zookie',
    seeds: [...zookies].map((zookie) => Buffer.from(zookie)),
    words: [...words, ...tokens],
    share: 30,
    attempt(input) {
      const text = input.toString('utf8')
      const opened = openZookie(key, text)
      if ((opened !== undefined) !== zookies.has(text))
        throw new Error('taken though nobody sealed it, or the reverse')
      return opened === undefined ? 'refused' : 'taken'
    },
  },
  {
    name: 'cursor',
    seeds: [...tokens].map((token) => Buffer.from(token)),
    words: [...words, ...zookies],
    share: 30,
    attempt(input) {
      const text = input.toString('utf8')
      if (text === '') return 'taken'
      const refusals = [mine, theirs].map((cursor) => refusalOf(() => cursor.open(text)))
      if ((refusals[0] === undefined) !== tokens.has(text))
        throw new Error('taken though nobody sealed it, or the reverse')
      if (refusals[1] === undefined) throw new Error('taken by another store')
      return refusals[0] === undefined ? 'taken' : 'refused'
    },
  },
]

function refusalOf(act: () => unknown): Fault | undefined {
  try {
    act()
    return undefined
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'invalid_continuation_token') return thrown
    throw thrown
  }
}
