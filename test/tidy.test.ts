/**
 * The architecture as a test. Each room lists the rooms below it that it may import, each third-party package
 * the rooms that may touch it. The table is the diagram of src/README.md, read bottom to top.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const below: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  'config.ts': ['lib', 'mail', 'observe', 'callers', 'http'],
  callers: ['lib'],
  mail: ['lib'],
  tuple: ['lib'],
  wire: ['lib', 'tuple', 'model', 'service'],
  model: ['lib', 'tuple'],
  storage: ['lib', 'tuple', 'model'],
  engine: ['lib', 'tuple', 'model', 'storage'],
  service: ['lib', 'tuple', 'model', 'storage', 'engine'],
  directory: ['lib', 'tuple', 'model', 'storage', 'engine', 'service'],
  storefile: ['lib', 'tuple', 'model', 'service'],
  observe: ['lib', 'tuple', 'callers', 'storage', 'service'],
  http: ['lib', 'callers', 'tuple', 'model', 'wire', 'service', 'directory', 'observe'],
  embed: ['lib', 'config.ts', 'tuple', 'model', 'storage', 'wire', 'service'],
  'index.ts': ['lib', 'tuple', 'model', 'storage', 'service', 'embed'],
  'sidecar.ts': [
    'lib',
    'config.ts',
    'callers',
    'mail',
    'tuple',
    'model',
    'storage',
    'service',
    'directory',
    'storefile',
    'observe',
    'http',
  ],
  cli: [
    'lib',
    'config.ts',
    'callers',
    'tuple',
    'model',
    'storage',
    'service',
    'storefile',
    'wire',
    'sidecar.ts',
  ],
}

const doors: Readonly<Record<string, readonly string[]>> = {
  level: ['storage'],
  'memory-level': ['storage'],
  msgpackr: ['storage', 'wire', 'http'],
  hono: ['http'],
  '@hono/node-server': ['http'],
  'lru-cache': ['lib'],
  ulid: ['lib'],
  pino: ['lib'],
  '@openfga/syntax-transformer': ['model'],
  '@marcbachmann/cel-js': ['model'],
  re2js: ['model'],
  yaml: ['storefile', 'http'],
  'prom-client': ['observe'],
  '@opentelemetry/api': ['observe'],
  '@opentelemetry/sdk-trace-base': ['observe'],
  '@opentelemetry/exporter-trace-otlp-http': ['observe'],
  '@opentelemetry/resources': ['observe'],
  commander: ['cli'],
  'csv-parse': ['directory'],
  'csv-stringify': ['http'],
  jose: ['callers'],
  nodemailer: ['mail'],
}

/** Upper rooms see these rooms as types only: what runs stays behind the room between. */
const typesOnly: Readonly<Record<string, readonly string[]>> = {
  wire: ['service'],
  observe: ['callers', 'service', 'storage'],
}

const entries = ['cli/main.ts', 'index.ts']
const words = 'TODO FIXME XXX HACK'.split(' ')

interface Import {
  readonly from: string
  readonly to: string
  readonly external: boolean
  readonly typeOnly: boolean
}

const src = resolve(import.meta.dirname, '../src')
const room = (path: string): string => path.split(sep)[0] ?? path
const text = (path: string): string => readFileSync(join(src, path), 'utf8')
const arrow = ({ from, to }: Import): string => `${from} -> ${to}`

/** `@scope/name/sub` and `name/sub` are the package they come from. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** Statements at the start of a line, and `import('…')` anywhere; the formatter guarantees the shape. */
const statement =
  /^(import|export)\b(\s+type\b)?(?:[^'"`;=]*?\bfrom)?\s*'([^'\n]+)'|\bimport\(\s*'([^']+)'\s*\)/gm

function readImports(path: string): readonly Import[] {
  return [...text(path).matchAll(statement)]
    .map(([, , type, specifier, dynamic = '']) => ({
      specifier: specifier ?? dynamic,
      typeOnly: type !== undefined,
    }))
    .filter(({ specifier }) => !specifier.startsWith('node:'))
    .map(({ specifier, typeOnly }) => {
      const external = !specifier.startsWith('.')
      const to = external ? packageOf(specifier) : relative(src, resolve(src, dirname(path), specifier))
      return { from: path, to, external, typeOnly }
    })
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const imports = files.flatMap(readImports)
const crossing = imports.filter((i) => !i.external && room(i.from) !== room(i.to))

describe('the house', () => {
  test('the sources were found', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(imports.length).toBeGreaterThan(300)
  })

  test('every room is on the map', () => {
    expect([...new Set(files.map(room))].sort()).toEqual(Object.keys(below).sort())
    const map = readFileSync(join(src, 'README.md'), 'utf8')
    expect(Object.keys(below).filter((name) => !map.includes(`\`${name}\``))).toEqual([])
  })

  test('rooms import only the rooms below them', () => {
    expect(crossing.filter((i) => !below[room(i.from)]?.includes(room(i.to))).map(arrow)).toEqual([])
  })

  test('some rooms are seen as types only', () => {
    const run = crossing.filter((i) => !i.typeOnly && typesOnly[room(i.from)]?.includes(room(i.to)))
    expect(run.map(arrow)).toEqual([])
  })

  test('a third-party package has its doors, and no other is used', () => {
    const external = imports.filter((i) => i.external)
    expect(external.filter((i) => !doors[i.to]?.includes(room(i.from))).map(arrow)).toEqual([])
    const used = new Set(external.map((i) => i.to))
    expect(Object.keys(doors).filter((name) => !used.has(name))).toEqual([])
  })

  test('every file is reachable and says what it is', () => {
    const imported = new Set(imports.map((i) => i.to))
    expect(files.filter((file) => !imported.has(file) && !entries.includes(file))).toEqual([])
    expect(files.filter((file) => !/^(#!.*\n)?\/\*\*/.test(text(file)))).toEqual([])
  })

  test('no work is left behind in a comment', () => {
    expect(
      files.filter((file) => words.some((word) => new RegExp(`\\b${word}\\b`).test(text(file)))),
    ).toEqual([])
  })

  test('files stay small enough to read', () => {
    const lines = files.map((file) => text(file).split('\n').length).sort((a, b) => a - b)
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThan(130)
    expect(files.filter((file) => text(file).split('\n').length > 400)).toEqual([])
  })
})
