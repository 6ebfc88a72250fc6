/** The parser's thread: the loop goes on, time and numbers are bounded, and one bad text does not spoil the next. */
import { expect, test } from 'vitest'
import { parseDsl } from '../../src/model/dsl.ts'
import { DslParser, ParseFailure } from '../../src/model/dsl-parser.ts'

const verb = 'transformDSLToJSONObject'
const good = 'model\n  schema 1.1\n\ntype user\n'
/** Seconds of work, and an exhausted stack in the end. */
const hostile = `${good}type d\n  relations\n${'\n'.repeat(50_000)}`

test('a text that is read does not hold the loop', async () => {
  await parseDsl(good)
  const done: string[] = []
  const parsed = parseDsl(good).then(() => done.push('parsed'))
  await new Promise((resolve) => setImmediate(resolve))
  done.push('turned')
  await parsed
  expect(done).toEqual(['turned', 'parsed'])
})

test('one that takes too long is given up', async () => {
  const parser = new DslParser({ timeoutMs: 1 })
  await expect(parser.parse(verb, hostile)).rejects.toMatchObject({
    code: 'invalid_authorization_model',
    message: "the model's text takes too long to read: send it as JSON",
  })
})

test('the same thread reads on after a refusal, in the order asked', async () => {
  const parser = new DslParser()
  const answers = await Promise.allSettled([parser.parse(verb, 'nonsense'), parser.parse(verb, good)])
  expect(answers).toMatchObject([
    { status: 'rejected', reason: expect.any(ParseFailure) },
    { status: 'fulfilled', value: { schema_version: '1.1' } },
  ])
})

test('too many at once are refused, not kept', async () => {
  const parser = new DslParser({ waitingMax: 1 })
  const first = parser.parse(verb, good)
  await expect(parser.parse(verb, good)).rejects.toMatchObject({ code: 'unavailable' })
  await first
  await expect(parser.parse(verb, good)).resolves.toBeDefined()
})
