/**
 * JSON as Apache's AdminServer prints it (Jackson's default pretty printer): objects over several lines, two spaces an
 * object deep; lists in one line; `"key" : value`; doubles with a point. Session ids are whole numbers beyond 2^53.
 */
export type JavaJson =
  null | boolean | number | bigint | string | Decimal | readonly JavaJson[] | { readonly [key: string]: JavaJson }

/** A number that Java holds as a double: printed with a point even when it is whole. */
export class Decimal {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

export function javaJson(value: JavaJson, depth = 0): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Decimal) return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value)
  if (isList(value)) {
    return value.length === 0 ? '[ ]' : `[ ${value.map((one) => javaJson(one, depth)).join(', ')} ]`
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return '{ }'
  const indent = '  '.repeat(depth + 1)
  const lines = entries.map(([key, one]) => `${indent}${JSON.stringify(key)} : ${javaJson(one, depth + 1)}`)
  return `{\n${lines.join(',\n')}\n${'  '.repeat(depth)}}`
}

/** The same in one line without blanks, as the REST gateway sends it. */
export function compactJson(value: JavaJson): string {
  if (value === null || typeof value !== 'object' || value instanceof Decimal) return javaJson(value)
  if (isList(value)) return `[${value.map(compactJson).join(',')}]`
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}:${compactJson(one)}`)
    .join(',')}}`
}

function isList(value: readonly JavaJson[] | { readonly [key: string]: JavaJson }): value is readonly JavaJson[] {
  return Array.isArray(value)
}
