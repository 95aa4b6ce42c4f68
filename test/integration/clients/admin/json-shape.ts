/** The types of a JSON text without its values. Java's whole numbers and doubles are two types. */
export type Shape = string | readonly Shape[] | { readonly [key: string]: Shape }

/** Objects whose keys are ids, times and paths: one shape for all their values. */
const DYNAMIC = /_to_|^current_config$/

export function shapeOf(json: string): Shape {
  // Session ids do not fit a number of JavaScript, and 0.0 would be read as 0.
  const marked = json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(\.\d+)?(?:[eE][+-]?\d+)?/g, (token, fraction?: string) => {
    if (token.startsWith('"')) return token
    return fraction === undefined ? '{"$":"int"}' : '{"$":"double"}'
  })
  return shape(JSON.parse(marked), false)
}

function shape(value: unknown, isDynamic: boolean): Shape {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0], false)]
  if (typeof value !== 'object') return typeof value
  const entries = Object.entries(value)
  const [first] = entries
  if (first?.[0] === '$') return String(first[1])
  if (isDynamic) return Object.fromEntries(entries.slice(0, 1).map(([, one]) => ['*', shape(one, false)]))
  return Object.fromEntries(entries.map(([key, one]) => [key, shape(one, DYNAMIC.test(key))]))
}

/** Where two shapes differ, by path. A list without elements has the shape of any list, an empty map that of any map. */
export function differences(expected: Shape, found: Shape, path: string): string[] {
  if (typeof expected === 'string' || typeof found === 'string') {
    return expected === found ? [] : [`${path}: ${kindOf(expected)} there, ${kindOf(found)} here`]
  }
  if (isList(expected) || isList(found)) {
    if (!isList(expected) || !isList(found)) return [`${path}: ${kindOf(expected)} there, ${kindOf(found)} here`]
    const [one, other] = [expected[0], found[0]]
    return one === undefined || other === undefined ? [] : differences(one, other, `${path}[]`)
  }
  const isEmptyMap = [expected, found].some((each) => Object.keys(each).length === 0)
  if (isEmptyMap) return []
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])].flatMap((key) => {
    const [one, other] = [expected[key], found[key]]
    if (one === undefined) return [`${path}.${key}: only here`]
    return other === undefined ? [`${path}.${key}: only there`] : differences(one, other, `${path}.${key}`)
  })
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape)
}

function kindOf(shape: Shape): string {
  if (typeof shape === 'string') return shape
  return isList(shape) ? 'a list' : 'an object'
}
