/**
 * What went wrong in engines of this kind, as published, each as a small world with questions: those advisories
 * that concern evaluation, typing, listing and keys. The questions of a row are asked one after the other, so that
 * a cache that mixes them up is caught. README.md says where the others are.
 */
import type { JsonObject } from '../../src/lib/json.ts'
import type { Verdict } from '../oracle/oracle.ts'

export interface Asked {
  readonly context?: JsonObject
  readonly contextual?: readonly string[]
}

export interface Advisory {
  readonly ids: readonly string[]
  readonly about: string
  /** The DSL without its header; see test/oracle/written.ts for the notation of tuples. */
  readonly model: string
  readonly tuples?: readonly string[]
  readonly checks?: readonly (readonly [question: string, answer: Verdict, with_?: Asked])[]
  /** `type#relation@subject` and the objects; `object#relation@filter` and the users. */
  readonly objects?: readonly (readonly [question: string, answer: readonly string[], with_?: Asked])[]
  readonly users?: readonly (readonly [question: string, answer: readonly string[], with_?: Asked])[]
  /** Tuples that cannot be written, nor brought along by a request, and a part of the reason. */
  readonly refused?: readonly (readonly [tuple: string, reason: string])[]
  /** Types that a model cannot have, and a part of the reason. */
  readonly refusedModels?: readonly (readonly [model: string, reason: string])[]
}

const folders = `
type user
type group
  relations
    define member: [user]
type folder
  relations
    define owner: [user]
    define viewer: [user]
type doc
  relations
    define parent: [folder]
    define viewer: viewer from parent`

const below = `
condition below(x: int, limit: int) {
  x < limit
}`

const inNames = `
type user
type doc
  relations
    define viewer: [user with listed]
condition listed(name: string, names: list<string>) {
  name in names
}`

export const advisories: readonly Advisory[] = [
  {
    ids: ['CVE-2022-39341'],
    about: 'a wildcard on a tupleset relation',
    model: folders,
    tuples: ['doc:1#parent@folder:*', 'folder:1#viewer@user:ann'],
    checks: [['doc:1#viewer@user:ann', 'denied']],
    objects: [['doc#viewer@user:ann', []]],
    users: [['doc:1#viewer@user', []]],
    refused: [['doc:1#parent@folder:*', 'wildcard']],
    refusedModels: [
      [
        `
type folder
  relations
    define viewer: [folder]
type doc
  relations
    define parent: [folder:*]
    define viewer: viewer from parent`,
        'is not valid',
      ],
    ],
  },
  {
    ids: ['CVE-2022-39342'],
    about: 'a tupleset relation that is not direct',
    model: folders,
    refusedModels: [
      [
        `
type folder
  relations
    define viewer: [folder]
type doc
  relations
    define owner: [folder]
    define parent: owner
    define viewer: viewer from parent`,
        'must be a direct relation',
      ],
      [
        `
type folder
  relations
    define viewer: [folder]
type doc
  relations
    define owner: [folder]
    define parent: [folder] or owner
    define viewer: viewer from parent`,
        'must be a direct relation',
      ],
    ],
  },
  {
    ids: ['CVE-2022-39352'],
    about: 'a userset as the subject of a tupleset relation',
    model: folders,
    tuples: ['doc:1#parent@folder:1#owner', 'folder:1#viewer@user:ann', 'folder:1#owner@user:ann'],
    checks: [['doc:1#viewer@user:ann', 'denied']],
    objects: [['doc#viewer@user:ann', []]],
    refused: [['doc:1#parent@folder:1#owner', 'tupleset']],
  },
  {
    ids: ['CVE-2022-23542'],
    about: 'tuples older than a change of type restrictions',
    model: `
type user
type employee
type group
  relations
    define member: [employee]
type doc
  relations
    define viewer: [employee, group#member]`,
    tuples: [
      'doc:1#viewer@user:ann',
      'doc:1#viewer@user:*',
      'doc:1#viewer@group:a',
      'doc:1#viewer@group:b#member',
      'group:b#member@user:ann',
      'doc:1#viewer@employee:eve',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'denied'],
      ['doc:1#viewer@group:a', 'denied'],
      ['doc:1#viewer@employee:eve', 'allowed'],
    ],
    objects: [['doc#viewer@user:ann', []]],
    users: [
      ['doc:1#viewer@user', []],
      ['doc:1#viewer@employee', ['employee:eve']],
      ['doc:1#viewer@group', []],
    ],
  },
  {
    ids: ['CVE-2023-35933', 'CVE-2023-43645'],
    about: 'circles, in definitions and in data',
    model: `
type user
type group
  relations
    define parent: [group]
    define member: [user, group#member] or member from parent`,
    tuples: [
      'group:a#member@group:b#member',
      'group:b#member@group:c#member',
      'group:c#member@group:a#member',
      'group:a#parent@group:a',
      'group:b#parent@group:a',
      'group:c#member@user:ann',
    ],
    checks: [
      ['group:a#member@user:ann', 'allowed'],
      ['group:b#member@user:ann', 'allowed'],
      ['group:a#member@user:eve', 'denied'],
    ],
    objects: [
      ['group#member@user:ann', ['group:a', 'group:b', 'group:c']],
      ['group#member@user:eve', []],
    ],
    users: [['group:b#member@user', ['user:ann']]],
    refusedModels: [
      [
        `
type user
type doc
  relations
    define viewer: editor
    define editor: viewer`,
        'potential loop',
      ],
      [
        `
type user
type doc
  relations
    define viewer: [user] or editor
    define editor: [user] but not viewer`,
        'cycle',
      ],
    ],
  },
  {
    ids: ['CVE-2023-40579'],
    about: 'list-objects through `from` lists too much',
    model: `
type user
type folder
  relations
    define viewer: [user]
    define blocked: [user]
type doc
  relations
    define parent: [folder]
    define allowed: [user]
    define viewer: viewer from parent but not blocked from parent
    define reader: viewer from parent and allowed`,
    tuples: [
      'doc:1#parent@folder:1',
      'doc:2#parent@folder:2',
      'doc:3#parent@folder:1',
      'doc:3#parent@folder:2',
      'folder:1#viewer@user:ann',
      'folder:2#viewer@user:ann',
      'folder:2#blocked@user:ann',
      'doc:2#allowed@user:ann',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'allowed'],
      ['doc:2#viewer@user:ann', 'denied'],
      ['doc:3#viewer@user:ann', 'denied'],
    ],
    objects: [
      ['doc#viewer@user:ann', ['doc:1']],
      ['doc#reader@user:ann', ['doc:2']],
    ],
    users: [['doc:3#viewer@user', []]],
  },
  {
    ids: ['CVE-2024-31452'],
    about: 'cycles together with `and` and `but not`',
    model: `
type user
type doc
  relations
    define a: [user, doc#b]
    define b: [user, doc#a]
    define base: [user]
    define both: base and a
    define not_a: base but not a
    define odd: [user] but not odder
    define odder: [user, doc#odd]
    define even: base but not odd`,
    tuples: [
      'doc:1#a@doc:1#b',
      'doc:1#b@doc:1#a',
      'doc:1#base@user:ann',
      'doc:1#odd@user:ann',
      'doc:1#odder@doc:1#odd',
    ],
    checks: [
      ['doc:1#a@user:ann', 'denied'],
      ['doc:1#both@user:ann', 'denied'],
      ['doc:1#not_a@user:ann', 'allowed'],
      ['doc:1#odd@user:ann', 'denied'],
      ['doc:1#odder@user:ann', 'denied'],
      ['doc:1#even@user:ann', 'denied'],
    ],
    objects: [
      ['doc#both@user:ann', []],
      ['doc#odd@user:ann', []],
      ['doc#even@user:ann', []],
    ],
    users: [['doc:1#even@user', []]],
  },
  {
    ids: ['CVE-2024-42473'],
    about: '`but not` over `from` over a userset',
    model: `
type user
type group
  relations
    define member: [user, group#member]
type folder
  relations
    define blocked: [user, group#member]
    define viewer: [user, group#member]
type doc
  relations
    define parent: [folder]
    define viewer: [user, group#member] but not blocked from parent
    define reader: viewer from parent but not blocked from parent`,
    tuples: [
      'doc:1#viewer@group:eng#member',
      'doc:1#parent@folder:1',
      'folder:1#blocked@group:bad#member',
      'folder:1#viewer@group:eng#member',
      'group:eng#member@user:ann',
      'group:eng#member@user:eve',
      'group:bad#member@group:worse#member',
      'group:worse#member@user:eve',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'allowed'],
      ['doc:1#viewer@user:eve', 'denied'],
      ['doc:1#reader@user:ann', 'allowed'],
      ['doc:1#reader@user:eve', 'denied'],
    ],
    objects: [
      ['doc#viewer@user:eve', []],
      ['doc#reader@user:ann', ['doc:1']],
    ],
    users: [['doc:1#reader@user', ['user:ann']]],
  },
  {
    ids: ['CVE-2024-56323'],
    about: 'a condition inside a contextual tuple belongs to the question',
    model: `
type user
type doc
  relations
    define viewer: [user, user with below]${below}`,
    checks: [
      ['doc:1#viewer@user:ann', 'allowed', { contextual: ['doc:1#viewer@user:ann'] }],
      ['doc:1#viewer@user:ann', 'denied'],
      ...[5, 1, 5, 2].map((limit): readonly [string, Verdict, Asked] => [
        'doc:1#viewer@user:ann',
        limit > 2 ? 'allowed' : 'denied',
        { context: { x: 2 }, contextual: [`doc:1#viewer@user:ann with below {"limit":${limit}}`] },
      ]),
      ['doc:1#viewer@user:ann', 'error', { contextual: ['doc:1#viewer@user:ann with below {"limit":5}'] }],
    ],
  },
  {
    ids: ['CVE-2025-25196'],
    about: 'a userset as subject is nobody in particular: public grants do not match it',
    model: `
type user
type group
  relations
    define member: [user, user:*]
type doc
  relations
    define viewer: [user:*, group:*]`,
    tuples: ['doc:1#viewer@user:*', 'doc:1#viewer@group:*', 'group:a#member@user:*'],
    checks: [
      ['doc:1#viewer@group:a#member', 'denied'],
      ['doc:1#viewer@group:a', 'allowed'],
      ['doc:1#viewer@user:ann', 'allowed'],
      ['doc:1#viewer@user:*', 'allowed'],
      ['group:a#member@group:a#member', 'allowed'],
      ['group:a#member@group:b#member', 'denied'],
    ],
    objects: [['doc#viewer@group:a#member', []]],
    users: [['doc:1#viewer@group#member', []]],
  },
  {
    ids: ['CVE-2025-46331'],
    about: 'a false that rests on an open cycle is nobody else`s false',
    model: `
type user
type group
  relations
    define member: [user, group#member]`,
    tuples: [
      'group:a#member@group:b#member',
      'group:b#member@group:a#member',
      'group:a#member@group:c#member',
      'group:c#member@user:ann',
    ],
    checks: [
      ['group:a#member@user:ann', 'allowed'],
      ['group:b#member@user:ann', 'allowed'],
      ['group:c#member@user:ann', 'allowed'],
      ['group:b#member@user:eve', 'denied'],
    ],
    objects: [['group#member@user:ann', ['group:a', 'group:b', 'group:c']]],
  },
  {
    ids: ['CVE-2025-48371'],
    about: 'contextual tuples obey type restrictions',
    model: folders,
    checks: [
      ['folder:1#viewer@group:a#member', 'denied', { contextual: ['folder:1#viewer@group:a#member'] }],
      ['folder:1#viewer@user:ann', 'denied', { contextual: ['folder:1#viewer@user:*'] }],
      ['doc:1#viewer@user:ann', 'denied', { contextual: ['doc:1#viewer@user:ann'] }],
      ['folder:1#viewer@user:ann', 'allowed', { contextual: ['folder:1#viewer@user:ann'] }],
    ],
    refused: [
      ['folder:1#viewer@group:a#member', 'not an allowed type restriction'],
      ['folder:1#viewer@user:*', 'not an allowed type restriction'],
      ['doc:1#viewer@user:ann', 'not an allowed type restriction'],
      ['folder:1#viewer@group:a', 'not an allowed type restriction'],
      ['folder:1#viewer@gone:a', 'not found'],
      ['folder:1#gone@user:a', 'not found'],
      ['folder:*#viewer@user:a', 'wildcard'],
    ],
  },
  {
    ids: ['CVE-2025-55213'],
    about: 'two usersets of one type, different relations',
    model: `
type user
type group
  relations
    define member: [user]
    define admin: [user]
type doc
  relations
    define viewer: [group#member, group#admin]`,
    tuples: [
      'doc:1#viewer@group:a#admin',
      'doc:2#viewer@group:a#member',
      'group:a#member@user:ann',
      'group:a#admin@user:bob',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'denied'],
      ['doc:1#viewer@user:bob', 'allowed'],
      ['doc:2#viewer@user:ann', 'allowed'],
      ['doc:2#viewer@user:bob', 'denied'],
      ['doc:1#viewer@group:a#member', 'denied'],
    ],
    objects: [
      ['doc#viewer@user:ann', ['doc:2']],
      ['doc#viewer@group:a#admin', ['doc:1']],
    ],
    users: [
      ['doc:1#viewer@user', ['user:bob']],
      ['doc:1#viewer@group#member', []],
    ],
  },
  {
    ids: ['CVE-2025-64751', 'openfga#3217', 'openfga#3218'],
    about: 'the facet of a tuple (shape and condition) matches exactly',
    model: `
type user
type group
  relations
    define member: [user]
type doc
  relations
    define public: [user:* with below]
    define person: [user, user:* with below]
    define team: [group#member with below, user]${below}`,
    tuples: [
      'doc:1#public@user:*',
      'doc:1#person@user:*',
      'doc:1#team@group:a#member',
      'doc:2#person@user:ann with below {"x":1,"limit":2}',
      'doc:2#team@user:ann with below {"x":1,"limit":2}',
      'doc:3#public@user:* with below {"x":1,"limit":2}',
      'doc:4#public@user:* with below {"x":2,"limit":2}',
      'group:a#member@user:ann',
    ],
    checks: [
      ['doc:1#public@user:ann', 'denied'],
      ['doc:1#public@user:*', 'denied'],
      ['doc:1#person@user:ann', 'denied'],
      ['doc:1#team@user:ann', 'denied'],
      ['doc:2#person@user:ann', 'denied'],
      ['doc:2#team@user:ann', 'denied'],
      ['doc:3#public@user:ann', 'allowed'],
      ['doc:4#public@user:ann', 'denied'],
    ],
    objects: [['doc#public@user:ann', ['doc:3']]],
    users: [['doc:1#public@user', []]],
    refused: [
      ['doc:1#public@user:*', 'condition is missing'],
      ['doc:1#team@group:a#member', 'condition is missing'],
      ['doc:1#public@user:ann with below', 'not an allowed type restriction'],
      ['doc:1#public@user:* with gone', 'undefined condition'],
    ],
  },
  {
    ids: ['CVE-2026-24851'],
    about: 'merging sorted candidates: a wildcard, a direct tuple, a larger object',
    model: `
type user
type doc
  relations
    define owner: [user, user:*]
    define editor: [user, user:*]
    define viewer: [user, user:*] or owner
    define both: owner and editor
    define only: owner but not editor`,
    tuples: [
      'doc:a#owner@user:*',
      'doc:b#owner@user:ann',
      'doc:z#owner@user:ann',
      'doc:a#editor@user:ann',
      'doc:m#editor@user:*',
      'doc:z#editor@user:*',
      'doc:c#viewer@user:*',
      'doc:0#viewer@user:ann',
    ],
    objects: [
      ['doc#viewer@user:ann', ['doc:0', 'doc:a', 'doc:b', 'doc:c', 'doc:z']],
      ['doc#both@user:ann', ['doc:a', 'doc:z']],
      ['doc#only@user:ann', ['doc:b']],
      ['doc#only@user:bob', ['doc:a']],
    ],
  },
  {
    ids: ['CVE-2026-33729', 'CVE-2026-34972', 'CVE-2026-41131', 'CVE-2026-46668'],
    about: 'contexts that look alike when glued together',
    model: inNames,
    checks: [
      ...[['a', 'b'], ['a,b'], ['a,b', ''], ["a','b"], ['["a"', '"b"]'], [], ['']].flatMap(
        (names): readonly (readonly [string, Verdict, Asked])[] =>
          ['a', 'b', 'a,b', '', "a','b"].map((name) => [
            'doc:1#viewer@user:ann',
            names.includes(name) ? 'allowed' : 'denied',
            { context: { name }, contextual: [contextualNames(names)] },
          ]),
      ),
    ],
  },
  {
    ids: ['CVE-2026-48096', 'CVE-2026-33729'],
    about: 'delimiters inside ids reach nobody else`s key',
    model: `
type user
type doc
  relations
    define a: [user]
    define b: [user] or a`,
    tuples: [
      'doc:1|a#a@user:x',
      'doc:1#a@user:a|x',
      'doc:1/a#b@user:x',
      'doc:1@user#a@user:y',
      'doc:__proto__#a@user:constructor',
      'doc:x#a@user:1@doc',
    ],
    checks: [
      ['doc:1#a@user:x', 'denied'],
      ['doc:1#a@user:a|x', 'allowed'],
      ['doc:1|a#a@user:x', 'allowed'],
      ['doc:1|a#a@user:a|x', 'denied'],
      ['doc:1/a#a@user:x', 'denied'],
      ['doc:1/a#b@user:x', 'allowed'],
      ['doc:1@user#a@user:y', 'allowed'],
      ['doc:1#a@user:y', 'denied'],
      ['doc:__proto__#b@user:constructor', 'allowed'],
      ['doc:constructor#b@user:__proto__', 'denied'],
      ['doc:x#a@user:1@doc', 'allowed'],
      ['doc:x#a@user:1', 'denied'],
    ],
    objects: [['doc#b@user:x', ['doc:1/a', 'doc:1|a']]],
    users: [['doc:1#b@user', ['user:a|x']]],
  },
  {
    ids: ['CVE-2026-55170'],
    about: 'ids are bytes: no case, no normal form, no trimming',
    model: `
type user
type doc
  relations
    define viewer: [user]`,
    tuples: ['doc:1#viewer@user:Alice', 'doc:1#viewer@user:\u00e9', 'doc:A#viewer@user:x'],
    checks: [
      ['doc:1#viewer@user:alice', 'denied'],
      ['doc:1#viewer@user:ALICE', 'denied'],
      ['doc:1#viewer@user:Alice', 'allowed'],
      ['doc:1#viewer@user:e\u0301', 'denied'],
      ['doc:1#viewer@user:\u00e9', 'allowed'],
      ['doc:a#viewer@user:x', 'denied'],
    ],
    objects: [['doc#viewer@user:e\u0301', []]],
    refused: [
      ['doc:1#viewer@user:Alice ', 'malformed'],
      ['doc:1#viewer@user:Alice\u0000', 'malformed'],
      ['doc:1#viewer@user:Alice\u00a0', 'malformed'],
    ],
  },
  {
    ids: ['CVE-2022-21646'],
    about: 'a wildcard subtracted, a wildcard intersected',
    model: `
type user
type doc
  relations
    define member: [user]
    define banned: [user, user:*]
    define public: [user, user:*]
    define viewer: member but not banned
    define both: member and public`,
    tuples: [
      'doc:1#member@user:ann',
      'doc:1#banned@user:*',
      'doc:2#member@user:ann',
      'doc:2#banned@user:eve',
      'doc:2#public@user:*',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'denied'],
      ['doc:2#viewer@user:ann', 'allowed'],
      ['doc:2#both@user:ann', 'allowed'],
      ['doc:2#both@user:*', 'denied'],
    ],
    objects: [
      ['doc#viewer@user:ann', ['doc:2']],
      ['doc#both@user:ann', ['doc:2']],
    ],
    users: [
      ['doc:1#viewer@user', []],
      ['doc:2#both@user', ['user:ann']],
    ],
  },
  {
    ids: ['CVE-2024-32001'],
    about: 'two kinds of subject of one type are both found',
    model: `
type user
type folder
  relations
    define parent: [folder]
    define viewer: [folder, folder#parent]`,
    tuples: [
      'folder:1#viewer@folder:2',
      'folder:1#viewer@folder:2#parent',
      'folder:2#parent@folder:3',
      'folder:1#viewer@folder:4#parent',
      'folder:4#parent@folder:2',
    ],
    checks: [
      ['folder:1#viewer@folder:2', 'allowed'],
      ['folder:1#viewer@folder:3', 'allowed'],
      ['folder:1#viewer@folder:4', 'denied'],
    ],
    objects: [['folder#viewer@folder:3', ['folder:1']]],
    users: [
      ['folder:1#viewer@folder', ['folder:2', 'folder:3']],
      ['folder:1#viewer@folder#parent', ['folder:2#parent', 'folder:4#parent']],
    ],
  },
  {
    ids: ['CVE-2024-38361'],
    about: 'an exclusion under an arrow, several parents',
    model: `
type user
type folder
  relations
    define banned: [user]
    define member: [user]
    define viewer: member but not banned
type doc
  relations
    define parent: [folder]
    define viewer: viewer from parent`,
    tuples: [
      'doc:1#parent@folder:1',
      'doc:1#parent@folder:2',
      'doc:2#parent@folder:2',
      'doc:2#parent@folder:3',
      'folder:1#member@user:ann',
      'folder:1#banned@user:ann',
      'folder:2#member@user:ann',
      'folder:3#member@user:ann',
      'folder:3#banned@user:ann',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'allowed'],
      ['doc:2#viewer@user:ann', 'allowed'],
    ],
    objects: [['doc#viewer@user:ann', ['doc:1', 'doc:2']]],
    users: [['doc:1#viewer@user', ['user:ann']]],
  },
  {
    ids: ['CVE-2024-46989', 'CVE-2025-49011'],
    about: 'several conditioned paths: any one is enough, in any order',
    model: `
type user
type group
  relations
    define member: [user with below]
type doc
  relations
    define viewer: [user with below, group#member, group#member with below]${below}`,
    tuples: [
      'doc:1#viewer@group:a#member with below {"limit":1}',
      'doc:1#viewer@group:b#member with below {"limit":9}',
      'group:a#member@user:ann with below {"limit":9}',
      'group:b#member@user:ann with below {"limit":9}',
      'doc:2#viewer@group:b#member with below {"limit":9}',
      'doc:2#viewer@group:a#member with below {"limit":1}',
      'doc:3#viewer@group:a#member',
      'doc:3#viewer@user:ann with below {"limit":1}',
      'doc:4#viewer@user:ann with below {"limit":9}',
      'doc:4#viewer@group:a#member with below',
    ],
    checks: [
      ['doc:1#viewer@user:ann', 'allowed', { context: { x: 5 } }],
      ['doc:2#viewer@user:ann', 'allowed', { context: { x: 5 } }],
      ['doc:3#viewer@user:ann', 'allowed', { context: { x: 5 } }],
      ['doc:4#viewer@user:ann', 'allowed', { context: { x: 5 } }],
      ['doc:1#viewer@user:ann', 'denied', { context: { x: 9 } }],
      ['doc:1#viewer@user:ann', 'error'],
    ],
    objects: [['doc#viewer@user:ann', ['doc:1', 'doc:2', 'doc:3', 'doc:4'], { context: { x: 5 } }]],
  },
  {
    ids: ['CVE-2024-48909'],
    about: 'the context reaches every depth',
    model: `
type user
type group
  relations
    define member: [user with below, group#member with below]
type folder
  relations
    define parent: [folder with below]
    define viewer: [group#member] or viewer from parent${below}`,
    tuples: [
      'folder:1#parent@folder:2 with below {"limit":5}',
      'folder:2#parent@folder:3 with below {"limit":5}',
      'folder:3#viewer@group:a#member',
      'group:a#member@group:b#member with below {"limit":5}',
      'group:b#member@user:ann with below {"limit":4}',
    ],
    checks: [
      ['folder:1#viewer@user:ann', 'allowed', { context: { x: 3 } }],
      ['folder:1#viewer@user:ann', 'denied', { context: { x: 4 } }],
      ['folder:1#viewer@user:ann', 'error'],
    ],
    objects: [
      ['folder#viewer@user:ann', ['folder:1', 'folder:2', 'folder:3'], { context: { x: 3 } }],
      ['folder#viewer@user:ann', [], { context: { x: 4 } }],
    ],
    users: [['folder:1#viewer@user', ['user:ann'], { context: { x: 3 } }]],
  },
  {
    ids: ['CVE-2025-65111'],
    about: 'a relation that is used directly and in an arrow',
    model: `
type user
type folder
  relations
    define parent: [folder]
    define viewer: [user] or viewer from parent
    define editor: viewer from parent or viewer
type doc
  relations
    define parent: [folder]
    define viewer: viewer from parent or editor from parent`,
    tuples: [
      'folder:1#viewer@user:ann',
      'folder:2#parent@folder:1',
      'folder:3#parent@folder:2',
      'doc:1#parent@folder:1',
      'doc:2#parent@folder:3',
    ],
    objects: [
      ['folder#editor@user:ann', ['folder:1', 'folder:2', 'folder:3']],
      ['doc#viewer@user:ann', ['doc:1', 'doc:2']],
    ],
    users: [['doc:2#viewer@user', ['user:ann']]],
  },
  {
    ids: ['keto@942c136b'],
    about: 'a grant through a relation that the types forbid',
    model: `
type user
type file
  relations
    define owner: [user]
    define can_edit: owner`,
    tuples: ['file:x#can_edit@user:eve'],
    checks: [['file:x#can_edit@user:eve', 'denied']],
    objects: [['file#can_edit@user:eve', []]],
    users: [['file:x#can_edit@user', []]],
    refused: [['file:x#can_edit@user:eve', 'not an allowed type restriction']],
  },
  {
    ids: ['openfga#1238'],
    about: 'the answer does not depend on which branch fails first',
    model: `
type user
type doc
  relations
    define sure: [user]
    define shaky: [user with below]
    define one: shaky or sure
    define two: sure or shaky
    define three: shaky and sure
    define four: sure and shaky${below}`,
    tuples: ['doc:1#shaky@user:ann with below', 'doc:2#shaky@user:ann with below', 'doc:1#sure@user:ann'],
    checks: [
      ['doc:1#one@user:ann', 'allowed'],
      ['doc:1#two@user:ann', 'allowed'],
      ['doc:1#three@user:ann', 'error'],
      ['doc:1#four@user:ann', 'error'],
      ['doc:2#one@user:ann', 'error'],
      ['doc:2#two@user:ann', 'error'],
      ['doc:2#three@user:ann', 'denied'],
      ['doc:2#four@user:ann', 'denied'],
    ],
  },
]

function contextualNames(names: readonly string[]): string {
  return `doc:1#viewer@user:ann with listed ${JSON.stringify({ names })}`
}
