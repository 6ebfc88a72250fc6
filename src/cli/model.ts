/** `kith model`: read, write and judge authorization models; files are DSL, JSON or fga.mod. */
import { Command } from 'commander'
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from '../model/json.ts'
import { listIn, partIn } from './answer.ts'
import { type DryRunFlags, printDryRun, withDryRun } from './dry-run.ts'
import { Failure } from './failure.ts'
import { Session, withStore } from './session.ts'
import { note, paint, print, printJson, table } from './terminal.ts'

export function modelCommand(): Command {
  return new Command('model')
    .description('manage authorization models')
    .addCommand(getCommand())
    .addCommand(listCommand())
    .addCommand(writeCommand())
    .addCommand(validateCommand())
    .addCommand(printCommand())
}

function getCommand(): Command {
  return withStore(new Command('get'))
    .description('print a model as DSL, or as JSON with --json')
    .argument('[id]', 'id of the model; the latest when left out')
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      const session = new Session(command)
      const chosen = id ?? session.model
      const model = chosen === undefined ? await latest(session) : await byId(session, chosen)
      if (session.json) printJson(model)
      else print(await dslOf(await answered(model)))
    })
}

async function byId(session: Session, id: string): Promise<JsonObject> {
  const answer = await session.client.get(
    await session.path(`/authorization-models/${encodeURIComponent(id)}`),
  )
  return partIn(answer, 'authorization_model')
}

async function latest(session: Session): Promise<JsonObject> {
  const answer = await session.client.get(await session.path('/authorization-models'), { page_size: '1' })
  const [model] = listIn(answer, 'authorization_models')
  if (model === undefined)
    throw new Failure('the store has no model yet; write one with `kith model write FILE`')
  return model
}

function listCommand(): Command {
  return withStore(new Command('list'))
    .description('list the models of a store, newest first')
    .option('--max <count>', 'stop after this many; 0 for all', '50')
    .action(async (flags: { max: string }, command: Command) => {
      const session = new Session(command)
      const path = await session.path('/authorization-models')
      const max = Number(flags.max) || Number.POSITIVE_INFINITY
      const models: JsonObject[] = []
      let cursor: string | undefined
      do {
        const page = String(Math.min(100, max - models.length))
        const answer = await session.client.get(path, { page_size: page, continuation_token: cursor })
        models.push(...listIn(answer, 'authorization_models'))
        cursor = String(answer.continuation_token ?? '')
      } while (cursor !== '' && models.length < max)
      if (session.json) return printJson({ authorization_models: models })
      print(table(['ID', 'SCHEMA', 'TYPES'], models.map(rowOf)))
    })
}

function rowOf(model: JsonObject): readonly string[] {
  const types = listIn<{ readonly type: string }>(model, 'type_definitions')
  return [String(model.id), String(model.schema_version), types.map(({ type }) => type).join(' ')]
}

function writeCommand(): Command {
  return withDryRun(withStore(new Command('write')))
    .description('write a model; it becomes the latest; prints its id')
    .argument('<file>', 'model.fga, model.json or fga.mod')
    .action(async (file: string, flags: DryRunFlags, command: Command) => {
      const session = new Session(command)
      const path = await session.path('/authorization-models')
      const body = await read(file)
      if (flags.dryRun === true) return printDryRun(session, { path, body }, flags)
      const answer = await session.client.post(path, body)
      if (session.json) printJson(answer)
      else print(String(answer.authorization_model_id))
    })
}

function validateCommand(): Command {
  return new Command('validate')
    .description('judge a model without a sidecar; says file:line:column where it is wrong')
    .argument('<file>', 'model.fga, model.json or fga.mod')
    .option('--json', 'print JSON, for programs')
    .action(async (file: string, flags: { json?: boolean }) => {
      const types = (await read(file)).type_definitions.length
      if (flags.json === true) printJson({ valid: true, types })
      else note(`${paint('green', 'valid')}  ${file}: ${types} types`)
    })
}

function printCommand(): Command {
  return new Command('print')
    .description('print a model file as DSL, or as JSON with --json')
    .argument('<file>', 'model.fga, model.json or fga.mod')
    .option('--json', 'print JSON, for programs')
    .action(async (file: string, flags: { json?: boolean }) => {
      const model = await read(file)
      if (flags.json === true) printJson(model)
      else print(await dslOf(model))
    })
}

async function read(file: string): Promise<ModelJson> {
  const { readModelFile } = await import('../storefile/model-source.ts')
  return (await readModelFile(file)).value
}

async function answered(model: JsonObject): Promise<ModelJson> {
  const { decodeModel } = await import('../model/shape.ts')
  return decodeModel(model)
}

async function dslOf(model: ModelJson): Promise<string> {
  const { printDsl } = await import('../model/dsl.ts')
  return (await printDsl(model)).trimEnd()
}
