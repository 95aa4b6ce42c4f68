import { Hono } from 'hono'
import { ADMIN_COMMANDS, type AdminCommand } from './admin-commands.ts'
import type { AdminFacts } from './admin-facts.ts'
import { NOT_SERVING } from './four-letter-words.ts'
import type { JavaJson } from './java-json.ts'
import { javaJson } from './java-json.ts'

const JSON_TYPE = 'application/json'

/** The AdminServer: `/commands` lists its commands, `/commands/NAME` runs one. Only GET, as with Apache 3.8. */
export function commandApp(facts: AdminFacts, commandPath: string): Hono {
  const byName = new Map(ADMIN_COMMANDS.flatMap((command) => command.names.map((name) => [name, command] as const)))
  const app = new Hono()
  const list = links(commandPath)
  app.get(commandPath, (context) => context.html(list))
  app.get(`${commandPath}/`, (context) => context.html(list))
  app.get(`${commandPath}/:name`, (context) => {
    const name = context.req.param('name')
    const body = run(facts, name, byName.get(name), new URL(context.req.url).searchParams)
    return context.body(javaJson(body), 200, { 'Content-Type': JSON_TYPE })
  })
  app.all(`${commandPath}/*`, (context) => context.body(null, 405, { Allow: 'GET' }))
  return app
}

function links(commandPath: string): string {
  return ADMIN_COMMANDS.map(({ names: [name] }) => `<a href="${commandPath}/${name}">${name}</a>\n<br/>\n`).join('')
}

function run(facts: AdminFacts, name: string, command: AdminCommand | undefined, query: URLSearchParams): JavaJson {
  if (command === undefined) return { command: name, error: `Unknown command: ${name}` }
  const primary = command.names[0]
  if (command.needsService && !facts.isAnswering) return { command: primary, error: NOT_SERVING }
  const result = command.run(facts, query)
  if (typeof result['error'] === 'string') return { error: result['error'], command: primary }
  return { ...result, command: primary, error: null }
}
