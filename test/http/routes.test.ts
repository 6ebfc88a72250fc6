/** Each route answers at its own path and nowhere else, whichever of the two apps it is mounted in. */
import { expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { routes } from '../../src/http/routes.ts'
import type { Witness } from '../../src/observe/witness.ts'
import { ask } from './ask.ts'
import { fake } from './fake.ts'

/** An app, and the names of the routes that answered. */
function watched() {
  const answered: string[] = []
  const witness: Witness = {
    meter: (name) => ({ add: () => answered.push(name) }),
    decided() {},
    detail: undefined,
  }
  return { app: createApp(fake({}).kith, { witness }), answered }
}

const withValues = (path: string) => path.replace(/:(\w+)/g, 'a-$1')

test.each(routes.map(({ method, path, verb }) => [method, path, verb.name] as const))(
  '%s %s',
  async (method, path, name) => {
    const { app, answered } = watched()
    const at = withValues(path)
    await ask(app, at, { method })
    await ask(app, `${at}?page_size=1`, { method })
    for (const odd of [`${at}/`, `/${at}`, `${at}/a/a/a/a/a/a`]) await ask(app, odd, { method })
    expect(answered).toEqual([name, name, 'nowhere', 'nowhere', 'nowhere'])
  },
)

test('HEAD is answered by what answers GET', async () => {
  for (const path of ['/stores', '/livez', '/nothing']) {
    const { app, answered } = watched()
    const got = await ask(app, path)
    const headed = await ask(app, path, { method: 'HEAD' })
    expect(answered[1]).toBe(answered[0])
    expect([headed.status, headed.body]).toEqual([got.status, undefined])
    expect([...headed.headers.keys()]).toEqual([...got.headers.keys()])
  }
})

test('those of stores are found by one regular expression', async () => {
  const { app } = watched()
  await ask(app, '/stores')
  expect(app.router.name).toBe('SmartRouter + RegExpRouter')
})
