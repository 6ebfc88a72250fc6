/** A sidecar that is killed amid changes of groups: what was said is there, and what is there is whole. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSidecar } from '../crash/sidecar.ts'

test('X7, T8: killed amid writes', { timeout: 60_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), 'kith-groups-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const owner = { id: 'boss', name: 'Boss' }
  const said = new Map<string, string>()
  const deleted = new Set<string>()
  let org = ''
  let started = await startSidecar(data)
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${started.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'kith-actor': 'user:boss' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }
  org = (await ask('POST', '/v1/orgs', { name: 'Acme', preset: 'sharing', owner })).body.id
  for (let round = 0; round < 2; round++) {
    let isOver = false
    const worker = async (own: number): Promise<void> => {
      for (let at = 0; !isOver; at++) {
        const name = `Group ${round} ${own} ${at}`
        const made = await ask('POST', `/v1/orgs/${org}/groups`, { name })
        if (made.status !== 201) throw new Error(JSON.stringify(made.body))
        said.set(made.body.id, name)
        if (at % 3 !== 0) continue
        // From here on it may be there or not, until its end was said.
        said.delete(made.body.id)
        await ask('DELETE', `/v1/orgs/${org}/groups/${made.body.id}`)
        deleted.add(made.body.id)
      }
    }
    const before = said.size
    // Whatever the kill cuts off rejects; what was said before it counts.
    const workers = Promise.allSettled([0, 1, 2, 3, 4, 5, 6, 7].map(worker))
    while (said.size < before + 40) await new Promise(setImmediate)
    await started.kill()
    isOver = true
    await workers
    started = await startSidecar(data)
    const there = new Map<string, string>()
    let token = ''
    do {
      const page = await ask('GET', `/v1/orgs/${org}/groups?pageSize=200&continuationToken=${token}`)
      for (const { id, name } of page.body.groups) there.set(id, name)
      token = encodeURIComponent(page.body.continuationToken)
    } while (token !== '')
    for (const [id, name] of said) expect(there.get(id)).toBe(name)
    for (const id of deleted) expect(there.has(id)).toBe(false)
    expect(new Set(there.values()).size).toBe(there.size)
    // Whole: each one that is there has its maker as its owner, and its name is taken.
    for (const [id, name] of [...there].slice(-8)) {
      const members = await ask('GET', `/v1/orgs/${org}/groups/${id}/members`)
      expect(members.body.members).toMatchObject([{ id: 'boss', role: 'owner' }])
      expect((await ask('POST', `/v1/orgs/${org}/groups`, { name })).status).toBe(409)
    }
  }
  await started.kill()
})
