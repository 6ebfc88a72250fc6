/**
 * Is this tree faster than another commit? `npm run bench:compare -- REF [--only warm] [--rounds 5]`: builds REF in a
 * worktree of its own, runs this tree's benches against both, in fresh processes and in turns, the order reversed from
 * round to round, and prints medians, and the ratios of the rounds. Benches that REF's Kith cannot run are left out.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './lib/child.ts'
import { digits, median } from './lib/figures.ts'
import { ratioOf } from './lib/pairs.ts'
import { only, passedOn, rounds, words } from './lib/settings.ts'
import { commitOf, here } from './lib/tree.ts'

const benches: Readonly<Record<string, readonly string[]>> = {
  'warm W2': ['in-process.ts', 'warm', 'W2'],
  'hit W2': ['in-process.ts', 'hit', 'W2'],
  'cold W2': ['in-process.ts', 'cold', 'W2'],
  'depth W3': ['in-process.ts', 'depth', 'W3'],
  'usual W6': ['in-process.ts', 'usual', 'W6'],
  'usual W7': ['in-process.ts', 'usual', 'W7'],
  'usual W9': ['in-process.ts', 'usual', 'W9'],
  lists: ['lists.ts'],
  writes: ['writes.ts'],
  'http check': ['http.ts', '--only=W2 check'],
  'http batch': ['http.ts', '--only=W2 batch'],
}
/** Figures that say nothing by being larger or smaller. */
const unsaid = /calls|requests$|allows|objects|writes$|[sS]hare|\bmax$|floor\.|pairs|low|high/

const [ref] = words
if (ref === undefined) throw new Error('which commit? npm run bench:compare -- REF')
const temporary = mkdtempSync(join(tmpdir(), 'kith-compare-'))
const other = join(temporary, 'tree')
const git = (...said: string[]) =>
  execFileSync('git', said, { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] })
process.on('exit', () => {
  git('worktree', 'remove', '--force', other)
  rmSync(temporary, { recursive: true, force: true })
})
process.once('SIGINT', () => process.exit(130))
git('worktree', 'add', '--detach', other, ref)
install()
execFileSync('npm', ['run', '--silent', 'build'], { cwd: other, stdio: 'inherit' })

const trees = [other, here] as const
console.log(`${commitOf(other)} -> ${commitOf(here)}, medians of ${rounds} rounds`)
for (const [name, bench] of Object.entries(benches)) if (name.includes(only)) compare(name, bench)

/** The same packages when the lock files agree, otherwise REF's own. */
function install(): void {
  const lock = (tree: string) => readFileSync(join(tree, 'package-lock.json'), 'utf8')
  if (lock(other) === lock(here)) symlinkSync(join(here, 'node_modules'), join(other, 'node_modules'))
  else execFileSync('npm', ['ci', '--silent'], { cwd: other, stdio: 'inherit' })
}

function compare(name: string, [script = '', ...flags]: readonly string[]): void {
  const taken = new Map<string, Map<string, number[]>>(trees.map((tree) => [tree, new Map()]))
  for (let turn = 0; turn < rounds; turn++) {
    for (const tree of turn % 2 === 0 ? trees : trees.toReversed()) {
      const env = {
        KITH_BENCH_TREE: tree,
        KITH_BENCH_ROOT: join(temporary, tree === other ? 'before' : 'after'),
      }
      const words = [...flags, ...passedOn, '--rounds=1']
      let result: object
      try {
        result = run<object>(script, words, { env })
      } catch (error) {
        console.log(
          `${name}: left out, ${tree === other ? 'the other commit' : 'this tree'} failed: ${error}`,
        )
        return
      }
      for (const [figure, value] of leaves(result)) {
        const values = taken.get(tree)
        values?.set(figure, [...(values.get(figure) ?? []), value])
      }
    }
  }
  for (const [figure, before] of taken.get(other) ?? []) {
    if (unsaid.test(figure)) continue
    const after = taken.get(here)?.get(figure) ?? []
    const { median: times, low, high } = ratioOf(after, before)
    console.log(
      `${name} ${figure}: ${digits(median(before))} -> ${digits(median(after))}, ${times} times (${low} to ${high})`,
    )
  }
}

/** Every number in a result, by its path. */
function* leaves(value: object, path = ''): Generator<readonly [string, number]> {
  for (const [key, member] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`
    if (typeof member === 'number') yield [at, member]
    else if (typeof member === 'object' && member !== null) yield* leaves(member, at)
  }
}
