/** The stories are true: told against a sidecar, every answer is the story's. */
import { expect, test } from 'vitest'
import { readStories } from '../../src/cli/story.ts'
import { tell } from '../../src/cli/telling.ts'
import { openDirectory } from '../directory/http.ts'

const stories = await readStories([])

test('each of the five products has a story', () => {
  const presets = stories.map(({ preset }) => preset).sort()
  expect(presets).toEqual(['client-portal', 'enterprise', 'group-only', 'sharing', 'training'])
})

test.each(stories)('$name', async (story) => {
  const { ask } = await openDirectory()
  await tell(story, (method, path, body, actor) =>
    ask(method, path, body, actor === undefined ? {} : { 'kith-actor': `user:${actor}` }).then(
      ({ status, body: told }) => ({ status, body: typeof told === 'object' ? told : {} }),
    ),
  )
})

test('an answer that is not the story’s ends it, and an unknown story is named', async () => {
  const [story] = stories
  const wrong = {
    ...story,
    steps: [{ as: 'boss', do: 'GET /groups', status: 418 }],
  } as (typeof stories)[number]
  const { ask } = await openDirectory()
  const asking = async (method: string, path: string, body?: object, actor = 'boss') =>
    await ask(method, path, body, { 'kith-actor': `user:${actor}` })
  await expect(tell(wrong, asking)).rejects.toThrow('the story says 418')
  await expect(readStories(['nothing'])).rejects.toThrow('there is no story `nothing`')
})
