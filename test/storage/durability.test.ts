/** Acknowledged means fsynced: the system calls of a writing process, watched from outside. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const child = new URL('writer.child.ts', import.meta.url).pathname
const strace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0
const why = strace ? '' : ' (skipped: strace cannot run here)'

test.skipIf(!strace)(`a sync returns between any two acknowledgements of one writer${why}`, () => {
  const path = mkdtempSync(join(tmpdir(), 'kith-sync-'))
  try {
    const log = join(path, 'strace')
    const args = ['-f', '-s', '64', '-e', 'trace=write,fsync,fdatasync', '-o', log, process.execPath]
    const run = spawnSync('strace', [...args, '--import', 'tsx', child, join(path, 'data'), '1', '20'])
    expect(run.status, String(run.stderr)).toBe(0)
    const calls = readFileSync(log, 'utf8').split('\n')
    let synced = 0
    let acks = 0
    for (const call of calls) {
      if (/f(data)?sync(\(| resumed).*= 0$/.test(call)) synced++
      if (/write\(1, "ack /.test(call)) {
        expect(synced, `no sync before acknowledgement ${acks + 1}`).toBeGreaterThan(0)
        synced = 0
        acks++
      }
    }
    expect(acks).toBe(20)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
})
