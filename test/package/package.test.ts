/**
 * The package as its users get it: built, packed, and put into a project that has nothing else but the packages Kith
 * depends on. No network, and nothing of this checkout's `dist`.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

const dependencies = Object.keys(manifest.dependencies)
/** What answering does not need: HTTP, the command line, YAML, the parser of the model language. */
const idle = ['hono', '@hono/node-server', 'commander', 'yaml', '@openfga/syntax-transformer']

let work = ''
let tarball = ''
/** Kith alone, with what answering needs, with everything. */
let bare = ''
let lean = ''
let whole = ''

/** What `npm pack` does, beside the checkout: other tests run what is in its `dist`. */
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'kith-package-'))
  const stage = join(work, 'stage')
  await mkdir(stage)
  for (const name of ['package.json', 'README.md', 'LICENSE', 'schema', 'src']) {
    await cp(join(root, name), join(stage, name), { recursive: true })
  }
  const dist = join(stage, 'dist')
  const build = [
    '-p',
    join(root, '.config/tsconfig.build.json'),
    '--outDir',
    dist,
    '--incremental',
    'false',
    '--tsBuildInfoFile',
    'null',
  ]
  await run(process.execPath, [tsc, ...build])
  await run(process.execPath, [join(root, '.config/declarations.mjs'), dist])
  const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--offline'], { cwd: stage })
  tarball = join(stage, stdout.trim())
  bare = await project('bare', [])
  lean = await project(
    'lean',
    dependencies.filter((name) => !idle.includes(name)),
  )
  whole = await project('whole', dependencies)
})

afterAll(() => rm(work, { recursive: true, force: true }))

/** A project with the packed Kith and those of its dependencies that it needs. */
async function project(name: string, packages: readonly string[]): Promise<string> {
  const path = join(work, name)
  const modules = join(path, 'node_modules')
  const kith = join(modules, 'kith')
  await mkdir(kith, { recursive: true })
  await run('tar', ['-xzf', tarball, '-C', kith, '--strip-components=1'])
  for (const each of packages) {
    await mkdir(dirname(join(modules, each)), { recursive: true })
    await symlink(join(root, 'node_modules', each), join(modules, each))
  }
  await writeFile(join(path, 'package.json'), '{ "type": "module" }')
  return path
}

describe('the tarball', () => {
  test('publint finds nothing', async () => {
    const data = await readFile(tarball)
    const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
    const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([])
  })

  test('its types resolve everywhere; from CommonJS as what they are, an ES module', async () => {
    const result = await checkPackage(createPackageFromTarballData(await readFile(tarball)))
    if (result.types === false) throw new Error('the package has no types')
    expect(result.problems).toEqual([
      { kind: 'CJSResolvesToESM', entrypoint: '.', resolutionKind: 'node16-cjs' },
    ])
  })

  test('it holds the program and its types, and nothing of the workshop', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball])
    const files = stdout.trim().split('\n')
    expect(files).toEqual(
      expect.arrayContaining(['index.js', 'index.d.ts', 'cli/main.js'].map((f) => `package/dist/${f}`)),
    )
    const rooms = new Set(files.map((file) => file.split('/')[1]))
    expect([...rooms].sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'schema', 'src'])
    expect(files.filter((file) => /tsbuildinfo|\.test\./.test(file))).toEqual([])
  })

  test('nothing in it imports a file with the extension of its source', async () => {
    const kept = await run('grep', ['-rlE', `(from |import\\()['"]\\.[^'"]*\\.ts['"]`, 'dist'], {
      cwd: join(bare, 'node_modules/kith'),
    }).catch(({ stdout, code }: { stdout: string; code: number }) => ({ stdout, code }))
    expect(kept).toEqual({ stdout: '', code: 1 })
  })
})

describe('in a project without HTTP, YAML, a command line and a parser', () => {
  test('importing loads none of them, starts nothing and lets the process end; then it answers', async () => {
    await writeFile(
      join(lean, 'use.mjs'),
      `import { readdirSync } from 'node:fs'
import { Fault, openKith } from 'kith'
const started = process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate|Worker|MessagePort|Server|Socket|Process/.test(name))
if (started.length > 0) throw new Error('started: ' + started)
if (readdirSync('.').includes('data')) throw new Error('made a folder')
const kith = await openKith({ data: 'data' })
const { id: store } = await kith.createStore('lean')
await kith.writeModel({ store, json: { schema_version: '1.1', type_definitions: [{ type: 'user' }, {
  type: 'document', relations: { viewer: { this: {} } },
  metadata: { relations: { viewer: { directly_related_user_types: [{ type: 'user' }] } } } }] } })
const tuple = { object: 'document:1', relation: 'viewer', subject: 'user:anne' }
await kith.write({ store, writes: [tuple] })
const { allowed } = await kith.check({ store, tuple })
const fault = await kith.check({ store, tuple: {} }).catch((thrown) => thrown)
console.log(JSON.stringify({ allowed, fault: fault instanceof Fault && fault.code }))
await kith.close()
`,
    )
    const { stdout } = await run(process.execPath, ['use.mjs'], { cwd: lean })
    expect(JSON.parse(stdout)).toEqual({ allowed: true, fault: 'validation_error' })
  })

  test('CommonJS gets it by require', async () => {
    await writeFile(join(lean, 'use.cjs'), `console.log(typeof require('kith').openKith)`)
    expect((await run(process.execPath, ['use.cjs'], { cwd: lean })).stdout).toBe('function\n')
  })

  test('what is not promised cannot be imported', async () => {
    const work = run(process.execPath, ['-e', `import('kith/dist/service/open.js')`], { cwd: bare })
    await expect(work).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})

describe('the declarations', () => {
  const source = `import { Fault, openKith, type CheckRequest, type Kith, type Tuple } from 'kith'

export async function ask(): Promise<boolean> {
  await using kith: Kith = await openKith({ memory: true, cacheBytesMax: 0 })
  const { id: store } = await kith.createStore('demo')
  await kith.writeModel({ store, dsl: 'model' })
  const tuple: Tuple = { object: 'document:1', relation: 'viewer', subject: 'user:anne' }
  const request: CheckRequest = { store, tuple }
  const { results } = await kith.batchCheck({ store, checks: [{ tuple }] })
  const code: string | undefined = results[0]?.fault?.code
  for await (const { revision } of (await kith.exportTuples({ store })).tuples) revision.toFixed()
  return code === undefined && (await kith.check(request)).allowed
}
// @ts-expect-error a place must be named
void openKith({})
// @ts-expect-error one place
void openKith({ data: './data', memory: true })
export async function wrong(kith: Kith) {
  // @ts-expect-error a tuple has a subject
  await kith.check({ store: 's', tuple: { object: 'document:1', relation: 'viewer', user: 'user:anne' } })
  // @ts-expect-error one model
  await kith.writeModel({ store: 's' })
  // @ts-expect-error not a code
  if (new Fault('validation_error', '').code === 'no such code') return
}
`
  // Without the types of Node, and with every declaration checked: nothing that a user may lack is asked for.
  const base = {
    noEmit: true,
    strict: true,
    skipLibCheck: false,
    types: [],
    target: 'es2022',
    lib: ['es2022'],
  }

  test.each([
    ['nodenext', {}],
    ['node16', { exactOptionalPropertyTypes: true }],
    ['bundler', { module: 'preserve' }],
  ])('under moduleResolution %s', async (moduleResolution, more) => {
    const config = join(bare, `tsconfig.${moduleResolution}.json`)
    const compilerOptions = { ...base, module: moduleResolution, moduleResolution, ...more }
    await writeFile(config, JSON.stringify({ compilerOptions, files: ['use.ts'] }))
    await writeFile(join(bare, 'use.ts'), source)
    const { stdout } = await run(process.execPath, [tsc, '-p', config]).catch(
      (failed: { stdout: string }) => failed,
    )
    expect(stdout).toBe('')
  })
})

test("the README's example runs as it is printed", async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const section = /^## In your own process$([\s\S]*?)^## /m.exec(readme)?.[1] ?? ''
  const [, code = '', printed = ''] = /```js\n([\s\S]*?)```[\s\S]*?```\n([\s\S]*?)```/.exec(section) ?? []
  expect(code).toContain("from 'kith'")
  await writeFile(join(whole, 'embed.mjs'), code)
  for (const _ of ['a new folder', 'the same again']) {
    const { stdout, stderr } = await run(process.execPath, ['embed.mjs'], { cwd: whole })
    expect({ stdout, stderr }).toEqual({ stdout: printed, stderr: '' })
  }
})

test('its presets come with it, and can be used', async () => {
  const script = `
const { presetsOf } = await import('./node_modules/kith/dist/directory/preset/presets.js')
console.log((await presetsOf().list()).map(({ id, model }) => id + ' ' + (model.type_definitions.length > 3)).join(', '))
process.exit()`
  await writeFile(join(whole, 'presets.mjs'), script)
  const { stdout } = await run(process.execPath, ['presets.mjs'], { cwd: whole })
  expect(stdout).toContain('default true, enterprise true')
})
