import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

/** Where it is published, beside the other pages of the documentation. */
export const SCHEMA_FILE = new URL('../../docs/result.schema.json', import.meta.url)

const ajv = new Ajv2020({ allErrors: true }).addSchema(
  closed(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))) as object,
  'published',
)

/**
 * What is wrong with a document that zktune printed, a line each. Stricter than what is published: a property that is not
 * described there is wrong, too.
 *
 * @param name of the one definition that it must be
 */
export function faultsOf(document: unknown, name: string): readonly string[] {
  const validate = ajv.getSchema(`published#/$defs/${name}`)
  if (validate === undefined) return [`nothing is published as ${name}`]
  void validate(document)
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`
  })
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return 'properties' in schema && 'required' in schema ? { additionalProperties: false, ...parts } : parts
}
