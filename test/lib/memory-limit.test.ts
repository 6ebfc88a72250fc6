import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memoryLimit } from '../../src/lib/memory-limit.ts'

test.each<[string, string, Record<string, string>, number | undefined]>([
  ['a container, version 2', '0::/', { 'memory.max': '536870912\n' }, 536_870_912],
  ['no limit, version 2', '0::/', { 'memory.max': 'max\n' }, undefined],
  ['a service', '0::/system.slice/kith.service', { 'system.slice/kith.service/memory.max': '1024' }, 1_024],
  ['a slice above it', '0::/a/b', { 'a/b/memory.max': '4096', 'a/memory.max': '2048' }, 2_048],
  [
    'a container, version 1',
    '5:cpu,cpuacct:/x\n4:memory:/docker/1\n',
    { 'memory/memory.limit_in_bytes': '268435456' },
    268_435_456,
  ],
  ['no limit, version 1', '4:memory:/', { 'memory/memory.limit_in_bytes': '9223372036854771712' }, undefined],
  [
    'both versions',
    '4:memory:/a\n0::/',
    { 'memory/a/memory.limit_in_bytes': '100', 'memory.max': 'max' },
    100,
  ],
  ['what is no number', '0::/', { 'memory.max': '12 MB' }, undefined],
  ['no groups', '', {}, undefined],
])('%s', (_, self, files, expected) => {
  const root = mkdtempSync(join(tmpdir(), 'kith-cgroup-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, content] of Object.entries({ ...files, self })) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  expect(memoryLimit(root, join(root, 'self'))).toBe(expected)
})

test('on a system without groups', () => {
  expect(memoryLimit('/nowhere', '/nowhere/self')).toBeUndefined()
})
