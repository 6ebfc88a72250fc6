/** Tables made by hand: what judges the engine has to be right first, and the engine has to pass them too. */
import type { JsonObject } from '../../src/lib/json.ts'
import type { Verdict } from './oracle.ts'

export interface Table {
  readonly model: string
  readonly tuples: readonly string[]
  /** The question, the answer, the request's context, contextual tuples. */
  readonly checks: readonly (readonly [string, Verdict, JsonObject?, (readonly string[])?])[]
  readonly objects?: readonly (readonly [string, readonly string[]])[]
  readonly users?: readonly (readonly [string, readonly string[]])[]
}

export const tables: Readonly<Record<string, Table>> = {
  'direct, unknown names, a userset as subject': {
    model: `
type user
type group
  relations
    define member: [user, group#member]
type doc
  relations
    define editor: [user]
    define viewer: [user, group#member] or editor`,
    tuples: [
      'doc:1#viewer@user:ann',
      'doc:1#editor@user:ed',
      'doc:1#viewer@group:a#member',
      'group:a#member@group:b#member',
      'group:b#member@user:bob',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'allowed'],
      ['doc:1#viewer@user:ed', 'allowed'],
      ['doc:1#viewer@user:bob', 'allowed'],
      ['doc:1#viewer@user:eve', 'denied'],
      ['doc:2#viewer@user:ann', 'denied'],
      ['doc:1#viewer@group:b#member', 'allowed'],
      ['doc:1#viewer@group:c#member', 'denied'],
      ['doc:1#viewer@doc:1#viewer', 'allowed'],
      ['doc:1#viewer@doc:1#editor', 'allowed'],
      ['doc:1#editor@doc:1#viewer', 'denied'],
      ['doc:1#viewer@user:*', 'denied'],
    ],
    objects: [
      ['doc#viewer@user:bob', ['doc:1']],
      ['group#member@group:b#member', ['group:a', 'group:b']],
      ['group#member@group:z#member', ['group:z']],
    ],
    users: [
      ['doc:1#viewer@user', ['user:ann', 'user:bob', 'user:ed']],
      ['doc:1#viewer@group#member', ['group:a#member', 'group:b#member']],
      ['doc:1#viewer@doc#viewer', ['doc:1#viewer']],
    ],
  },
  'wildcards match individuals only': {
    model: `
type user
type bot
type group
  relations
    define member: [user, user:*]
type doc
  relations
    define viewer: [user, user:*, group#member]`,
    tuples: ['doc:1#viewer@user:*', 'doc:2#viewer@group:a#member', 'group:a#member@user:*'],
    checks: [
      ['doc:1#viewer@user:ann', 'allowed'],
      ['doc:1#viewer@user:*', 'allowed'],
      ['doc:1#viewer@bot:b', 'denied'],
      ['doc:1#viewer@group:a#member', 'denied'],
      ['doc:2#viewer@user:ann', 'allowed'],
      ['doc:2#viewer@user:*', 'allowed'],
    ],
    users: [['doc:2#viewer@user', ['user:*']]],
  },
  'cycles and negation': {
    model: `
type user
type doc
  relations
    define yes: [user]
    define loop: [user, doc#loop]
    define never: [user, doc#never]
    define odd: [user] but not paradox
    define paradox: [user, doc#odd]
    define fine: yes but not loop
    define both: yes and loop
    define either: yes or odd`,
    tuples: [
      'doc:1#yes@user:ann',
      'doc:1#loop@doc:2#loop',
      'doc:2#loop@doc:1#loop',
      'doc:1#odd@user:ann',
      'doc:1#paradox@doc:1#odd',
    ],
    checks: [
      ['doc:1#loop@user:ann', 'denied'],
      ['doc:1#fine@user:ann', 'allowed'],
      ['doc:1#both@user:ann', 'denied'],
      ['doc:1#odd@user:ann', 'denied'],
      ['doc:1#paradox@user:ann', 'denied'],
      ['doc:1#either@user:ann', 'allowed'],
      ['doc:2#odd@user:ann', 'denied'],
    ],
  },
  'mutually nested groups': {
    model: `
type user
type group
  relations
    define blocked: [user, group#blocked]
    define member: [user, group#member] but not blocked`,
    tuples: [
      'group:a#member@group:b#member',
      'group:b#member@group:a#member',
      'group:b#member@user:bob',
      'group:a#blocked@group:b#blocked',
      'group:b#blocked@group:a#blocked',
      'group:c#member@group:c#member',
    ],
    checks: [
      ['group:a#member@user:bob', 'allowed'],
      ['group:a#member@user:eve', 'denied'],
      ['group:c#member@user:eve', 'denied'],
    ],
  },
  'parents: several, some without the relation': {
    model: `
type user
type bag
type folder
  relations
    define parent: [folder, bag]
    define viewer: [user] or viewer from parent`,
    tuples: [
      'folder:1#parent@folder:2',
      'folder:1#parent@bag:x',
      'folder:1#parent@folder:3',
      'folder:3#parent@folder:1',
      'folder:2#viewer@user:ann',
      'folder:3#viewer@user:bob',
    ],
    checks: [
      ['folder:1#viewer@user:ann', 'allowed'],
      ['folder:3#viewer@user:ann', 'allowed'],
      ['folder:2#viewer@user:bob', 'denied'],
      ['folder:1#viewer@folder:2#viewer', 'allowed'],
      ['folder:1#viewer@folder:2#parent', 'denied'],
    ],
    objects: [['folder#viewer@user:ann', ['folder:1', 'folder:2', 'folder:3']]],
    users: [['folder:1#viewer@user', ['user:ann', 'user:bob']]],
  },
  'conditions and errors': {
    model: `
type user
type group
  relations
    define member: [user]
type doc
  relations
    define owner: [user]
    define viewer: [user with below, group#member with below] or owner
    define banned: [user with below]
    define reader: owner but not banned
    define both: owner and viewer
condition below(x: int, limit: int) {
  x < limit
}`,
    tuples: [
      'doc:1#viewer@user:ann with below {"limit":10}',
      'doc:1#viewer@group:a#member with below {"limit":10}',
      'group:a#member@user:bob',
      'doc:1#owner@user:olu',
      'doc:1#banned@user:olu with below {"limit":10}',
      'doc:1#banned@user:ann with below {"limit":10}',
      'doc:2#viewer@user:ann',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'allowed', { x: 9 }],
      ['doc:1#viewer@user:ann', 'denied', { x: 10 }],
      ['doc:1#viewer@user:ann', 'error'],
      ['doc:1#viewer@user:ann', 'error', { x: 'nine' }],
      ['doc:1#viewer@user:ann', 'denied', { x: 10, limit: 20 }], // the tuple wins
      ['doc:1#viewer@user:bob', 'allowed', { x: 9 }],
      ['doc:1#viewer@user:eve', 'error'], // the edge fails, whoever is behind it
      ['doc:1#viewer@user:olu', 'allowed'], // true hides the error
      ['doc:1#reader@user:olu', 'error'],
      ['doc:1#reader@user:olu', 'denied', { x: 1 }],
      ['doc:1#reader@user:olu', 'allowed', { x: 11 }],
      ['doc:1#reader@user:ann', 'denied'], // a false base hides the error
      ['doc:1#both@user:ann', 'denied'], // false hides the error
      ['doc:2#viewer@user:ann', 'denied'], // stale: the condition is missing
      ['doc:3#viewer@user:zoe', 'allowed', { x: 1 }, ['doc:3#viewer@user:zoe with below {"limit":2}']],
      ['doc:1#viewer@user:ann', 'allowed', { x: 50 }, ['doc:1#viewer@user:ann with below {"limit":99}']],
    ],
  },
  'no path in the model: false before any error': {
    model: `
type user
type bot
type group
  relations
    define member: [user]
type doc
  relations
    define viewer: [group#member with flagged]
condition flagged(flag: bool) {
  flag
}`,
    tuples: ['doc:1#viewer@group:a#member with flagged'],
    checks: [
      ['doc:1#viewer@bot:b', 'denied'],
      ['doc:1#viewer@user:ann', 'error'],
    ],
  },
  'stale and expired tuples': {
    model: `
type user
type folder
  relations
    define viewer: [user]
type doc
  relations
    define parent: [folder]
    define owner: [user]
    define viewer: [user] or viewer from parent`,
    tuples: [
      'folder:1#viewer@user:ann',
      'doc:1#parent@folder:*',
      'doc:2#parent@folder:1#viewer',
      'doc:3#viewer@user:*',
      'doc:4#viewer@user:ann with gone',
      'doc:5#viewer@user:ann until 2000000',
      'doc:6#viewer@user:ann until 2000001',
      'doc:7#gone@user:ann',
      'doc:8#viewer@gone:ann',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'denied'],
      ['doc:2#viewer@user:ann', 'denied'],
      ['doc:3#viewer@user:ann', 'denied'],
      ['doc:4#viewer@user:ann', 'denied'],
      ['doc:5#viewer@user:ann', 'denied'],
      ['doc:6#viewer@user:ann', 'allowed'],
    ],
    objects: [['doc#viewer@user:ann', ['doc:6']]],
  },
  'list-users through negation': {
    model: `
type user
type doc
  relations
    define member: [user, user:*]
    define banned: [user]
    define active: [user]
    define open: member but not banned
    define viewer: open and active`,
    tuples: [
      'doc:1#member@user:*',
      'doc:1#banned@user:eve',
      'doc:1#active@user:ann',
      'doc:1#active@user:eve',
    ],
    checks: [['doc:1#viewer@user:eve', 'denied']],
    users: [
      ['doc:1#viewer@user', ['user:ann']],
      ['doc:1#open@user', ['user:*']],
    ],
  },
  'list-users meets people on the subtracted side too': {
    model: `
type user
type doc
  relations
    define public: [user, user:*]
    define suspect: [user]
    define cleared: [user]
    define hidden: suspect but not cleared
    define viewer: public but not hidden`,
    tuples: [
      'doc:1#public@user:*',
      'doc:1#suspect@user:bob',
      'doc:1#suspect@user:eve',
      'doc:1#cleared@user:bob',
    ],
    checks: [['doc:1#viewer@user:bob', 'allowed']],
    users: [['doc:1#viewer@user', ['user:*', 'user:bob']]],
  },
  'an error outranks what is undefined': {
    model: `
type user
type doc
  relations
    define yes: [user]
    define odd: [user] but not odder
    define odder: [user, doc#odd]
    define shaky: [user with flagged]
    define either: odd or shaky
    define both: odd and shaky
    define rest: odd but not shaky
    define none: odd and odder
condition flagged(flag: bool) {
  flag
}`,
    tuples: [
      'doc:1#yes@user:ann',
      'doc:1#odd@user:ann',
      'doc:1#odder@doc:1#odd',
      'doc:1#shaky@user:ann with flagged',
    ],
    checks: [
      ['doc:1#either@user:ann', 'error'],
      ['doc:1#both@user:ann', 'error'],
      ['doc:1#rest@user:ann', 'error'],
      ['doc:1#none@user:ann', 'denied'],
      ['doc:1#both@user:ann', 'denied', { flag: false }],
      ['doc:1#either@user:ann', 'allowed', { flag: true }],
    ],
  },
}
