/** The tables of README.md, as markdown. */
import type { Bar } from './bars.ts'
import { number, table } from './markdown.ts'
import type { Ratio } from './pairs.ts'
import type { Results } from './results.ts'
import { httpTable, toFloorTable } from './table-http.ts'

export function tableOf(results: Results, bars: readonly Bar[]): string {
  return [
    `Commit \`${results.commit}\`, ${results.date}, ${results.machine}, Node ${results.node}; medians of ${results.rounds} rounds.`,
    '',
    ...barTable(bars),
    '',
    'Over HTTP, the server on one core and the generator on another:',
    '',
    ...httpTable(results),
    '',
    'Beside the floor: ratios of neighbouring windows, of p50 and p99 of neighbouring groups of windows, medians; in brackets the middle half of them:',
    '',
    ...toFloorTable(results),
    '',
    'In the caller’s process, a check:',
    '',
    ...inProcessTable(results),
    '',
    'Beside others, W1 in one process (what is comparable: above):',
    '',
    ...peerTable(results),
    '',
    ...remarks(results),
  ].join('\n')
}

export function barTable(bars: readonly Bar[]): string[] {
  return table(
    ['figure', 'bar', 'measured', ''],
    bars.map(({ figure, bar, measured, met }) => [
      figure,
      bar,
      measured,
      met === undefined ? '–' : met ? 'met' : '**not met**',
    ]),
  )
}

function inProcessTable({ inProcess }: Results): string[] {
  const rows = Object.entries(inProcess).flatMap(
    ([name, { median, p99, p999, perSecond, allows, mib, byDepth }]) => {
      if (byDepth !== undefined)
        return Object.entries(byDepth).map(([depth, µs]) => [
          `${name}: ${depth} deep`,
          `${µs}`,
          '',
          '',
          '',
          '',
          '',
        ])
      const share = allows === undefined ? '' : `${Math.round(allows * 100)}%`
      return [
        [
          name,
          `${median}`,
          `${p99}`,
          `${p999}`,
          perSecond === undefined ? '' : number(perSecond),
          share,
          `${mib}`,
        ],
      ]
    },
  )
  return table(['', 'median µs', 'p99 µs', 'p99.9 µs', 'a second', 'allows', 'RSS MiB'], rows)
}

function peerTable({ peers }: Results): string[] {
  const rows = Object.entries(peers).map(([name, { median, p99, perSecond, mib }]) => [
    peerNames[name] ?? name,
    `${median}`,
    `${p99}`,
    number(perSecond),
    `${mib}`,
  ])
  return table(['', 'median µs', 'p99 µs', 'a second', 'RSS MiB'], rows)
}

const peerNames: Readonly<Record<string, string>> = {
  kith: 'Kith, no decision cache',
  'kith-usual': 'Kith',
  casbin: 'node-casbin',
  cedar: 'Cedar (WebAssembly)',
}

function remarks({ import: imported, inProcess, nested, freshness, lists, minutes }: Results): string[] {
  return [
    `- ${number(imported.tuples)} tuples imported over HTTP in ${imported.seconds} s, resident set at most ${imported.peakMiB} MiB; after a restart ready in ${imported.readyMs} ms with ${imported.readyMiB} MiB, the first answer after ${imported.firstAnswerAfterStartMs} ms.`,
    ...nested.microsecondsPerEdge.map(
      ({ groups, member, active }) =>
        `- ${number(groups)} mutually nested groups, ${nested.degree} edges each, a deny: ${member} µs an edge, ${active} with an exclusion in the cycle.`,
    ),
    `- The list over HTTP with memory passed by: ${lists.httpBypassed.whole} ms, its first line after ${lists.httpBypassed.first} ms; in process, the usual way, ${lists.inProcess.whole} and ${lists.inProcess.first} ms.`,
    ...deepest(inProcess['depth W3']?.toShallow?.[64]),
    `- Freshness: ${number(freshness.steps)} answers, ${number(freshness.telling)} of them decided by the very last change.`,
    `- The run took ${minutes} minutes.`,
  ]
}

function deepest(ratio: Ratio | undefined): string[] {
  if (ratio === undefined) return []
  const { median, low, high, pairs } = ratio
  return [
    `- Depth 64 against depth 1: ${median} in the median of ${pairs} turns beside one another, half of them between ${low} and ${high}.`,
  ]
}
