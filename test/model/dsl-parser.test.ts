/** The parser's thread: the loop goes on, time and numbers are bounded, and one bad text does not spoil the next. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { DslParser, ParseFailure } from '../../src/model/dsl-parser.ts'

const verb = 'transformDSLToJSONObject'
const good = 'model\n  schema 1.1\n\ntype user\n'
/** Seconds of work, and an exhausted stack in the end. */
const hostile = `${good}type d\n  relations\n${'\n'.repeat(50_000)}`

test('one that takes too long is given up, and does not hold the loop until then', async () => {
  const parser = new DslParser({ timeoutMs: 500 })
  const done: string[] = []
  const refused = expect(
    parser.parse(verb, hostile).finally(() => done.push('given up')),
  ).rejects.toMatchObject({
    code: 'invalid_authorization_model',
    message: "the model's text takes too long to read: send it as JSON",
  })
  await new Promise((resolve) => setImmediate(resolve))
  done.push('turned')
  await refused
  expect(done).toEqual(['turned', 'given up'])
})

test('the time of a text does not run before the thread is there to read it', async () => {
  const clock = vi.spyOn(AbortSignal, 'timeout')
  onTestFinished(() => clock.mockRestore())
  const read = new DslParser().parse(verb, good)
  // All that can be done without a turn of the loop is done by then; what a thread says takes one.
  await new Promise((resolve) => process.nextTick(resolve))
  expect(clock).not.toHaveBeenCalled()
  await read
  expect(clock).toHaveBeenCalledOnce()
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
