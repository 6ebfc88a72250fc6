/** `kith store`: create, list, get, rename and delete stores. */
import { Command } from 'commander'
import type { JsonObject } from '../lib/json.ts'
import { listIn } from './answer.ts'
import { Session, withConnection, withStore } from './session.ts'
import { note, print, printJson, table } from './terminal.ts'

export function storeCommand(): Command {
  return new Command('store')
    .description('manage stores (tenants)')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(getCommand())
    .addCommand(renameCommand())
    .addCommand(deleteCommand())
}

function createCommand(): Command {
  return withConnection(new Command('create'))
    .description('create a store and print its id')
    .argument('<name>', '3 to 64 letters, digits, spaces or . - / ^ _ & @')
    .action(async (name: string, _options: unknown, command: Command) => {
      const session = new Session(command)
      const store = await session.client.post('/stores', { name })
      if (session.json) printJson(store)
      else print(String(store.id))
    })
}

function listCommand(): Command {
  return withConnection(new Command('list'))
    .description('list stores, oldest first')
    .option('--name <name>', 'only those of exactly this name')
    .action(async (flags: { name?: string }, command: Command) => {
      const session = new Session(command)
      const stores: JsonObject[] = []
      let cursor: string | undefined
      do {
        const query = { name: flags.name, page_size: '100', continuation_token: cursor }
        const answer = await session.client.get('/stores', query)
        stores.push(...listIn(answer, 'stores'))
        cursor = String(answer.continuation_token ?? '')
      } while (cursor !== '')
      if (session.json) return printJson({ stores })
      if (stores.length === 0) return note('there are no stores; make one with `kith store create NAME`')
      print(table(['ID', 'NAME', 'CREATED'], stores.map(rowOf)))
    })
}

function getCommand(): Command {
  return withStore(new Command('get'))
    .description('show the store of --store')
    .action(async (_options: unknown, command: Command) => {
      const session = new Session(command)
      const store = await session.client.get(await session.path(''))
      if (session.json) printJson(store)
      else print(table(['ID', 'NAME', 'CREATED'], [rowOf(store)]))
    })
}

function renameCommand(): Command {
  return withStore(new Command('rename'))
    .description('rename the store of --store')
    .argument('<name>', 'its new name')
    .action(async (name: string, _options: unknown, command: Command) => {
      const session = new Session(command)
      const path = await session.path('')
      const store = await session.client.json('PATCH', path, { body: { name } })
      if (session.json) printJson(store)
      else note(`renamed ${String(store.id)} to ${String(store.name)}`)
    })
}

function deleteCommand(): Command {
  return withConnection(new Command('delete'))
    .description('delete a store and all that is in it, for good')
    .argument('<id>', 'the id, not the name: this cannot be undone')
    .action(async (id: string, _options: unknown, command: Command) => {
      const session = new Session(command)
      await session.client.json('DELETE', `/stores/${encodeURIComponent(id)}`)
      if (session.json) printJson({ id, deleted: true })
      else note(`deleted ${id}`)
    })
}

function rowOf(store: JsonObject): readonly string[] {
  return [String(store.id), String(store.name), String(store.created_at)]
}
