/** What Kith is made of: each package has its reason in the README, and the bill of materials names all of them. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const textOf = (name: string) => readFileSync(resolve(root, name), 'utf8')

interface Locked {
  readonly version: string
  readonly license?: string
  readonly dev?: boolean
  readonly optional?: boolean
}
const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
  textOf('package.json'),
)
const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(textOf('package-lock.json'))
const names = Object.keys(manifest.dependencies)

test('each package that is needed at run time has its reason in the README, and no other has one', () => {
  const [, table = ''] = textOf('README.md').split('## Dependencies at run time')
  const rows = table.split('\n').filter((line) => /^\| `/.test(line))
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1]?.matchAll(/`([^`]+)`/g) ?? [])].map(([, name]) => name),
  )
  expect(named.toSorted()).toEqual(names.toSorted())
})

test('the bill of materials names every one of them, as it is locked', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
    cwd: root,
    maxBuffer: 64 << 20,
  })
  const { bomFormat, components }: { bomFormat: string; components: { name: string; version: string }[] } =
    JSON.parse(stdout)
  expect(bomFormat).toBe('CycloneDX')
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`))
  const locked = names.map((name) => `${name}@${lock.packages[`node_modules/${name}`]?.version}`)
  expect(locked.filter((each) => !listed.has(each))).toEqual([])
})

test('what is installed at run time may be used by anybody', () => {
  const free = new Set([
    'MIT',
    'MIT-0',
    'ISC',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'BlueOak-1.0.0',
  ])
  const odd = Object.entries(lock.packages).filter(
    // Binaries of other platforms are not at hand to be asked.
    ([path, { dev, optional, license = '' }]) => path !== '' && !dev && !optional && !free.has(license),
  )
  expect(odd.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
})
