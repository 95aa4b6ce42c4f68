/** Containers in YAML: services of Docker Compose, and containers of Kubernetes. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import type { Document } from 'yaml'

import type { Place, Variable } from './container.ts'

export interface Container {
  /** Of the service or container; null when it has none. */
  readonly name: string | null
  /** As written; null without one. */
  readonly image: string | null
  readonly variables: readonly Variable[]
  /** Where it begins. */
  readonly place: Place
  /** What it may use; null when nothing limits it. */
  readonly memoryBytes: number | null
}

export interface YamlProblem extends Place {
  readonly what: string
}

/** @returns every container in it, or why it is no YAML */
export function readContainers(text: string): readonly Container[] | YamlProblem {
  const counter = new LineCounter()
  const found: Container[] = []
  for (const document of parseAllDocuments(text, { lineCounter: counter, merge: true })) {
    const reader = new ContainerReader(document, counter)
    const [error] = document.errors
    if (error !== undefined) {
      const what = error.message.split('\n')[0] ?? ''
      return { ...reader.placeAt(error.pos[0]), what: what.replace(/ at line \d+.*$/, '') }
    }
    found.push(...reader.containersIn(document.contents, null))
  }
  return found
}

interface Field {
  readonly key: unknown
  readonly value: unknown
}

/** Of the nodes of one document; aliases are followed, and `<<` brings in what it names. */
class ContainerReader {
  readonly #document: Document
  readonly #counter: LineCounter

  constructor(document: Document, counter: LineCounter) {
    this.#document = document
    this.#counter = counter
  }

  *containersIn(node: unknown, name: { readonly key: unknown } | null): Iterable<Container> {
    const resolved = this.#resolved(node)
    if (isSeq(resolved)) for (const item of resolved.items) yield* this.containersIn(item, null)
    if (!isMap(resolved)) return
    const image = this.#textOf(this.#field(resolved, 'image'))
    const environment = this.#field(resolved, 'environment') ?? this.#field(resolved, 'env')
    const variables = [...this.#variablesIn(environment)]
    if (image !== null || variables.length > 0) {
      yield {
        name: this.#textOf(name?.key) ?? this.#textOf(this.#field(resolved, 'name')),
        image: image === null ? null : interpolated(image),
        variables,
        place: this.#placeOf(name?.key ?? resolved),
        memoryBytes: this.#memoryOf(resolved),
      }
      return
    }
    for (const field of this.#fields(resolved)) {
      // Compose's own place for what is only used elsewhere.
      if (this.#textOf(field.key)?.startsWith('x-') !== true) yield* this.containersIn(field.value, field)
    }
  }

  placeAt(offset: number): Place {
    const { line, col } = this.#counter.linePos(offset)
    return { line, column: col }
  }

  /** A map, a list of `NAME=value`, or Kubernetes' list of name and value. */
  *#variablesIn(node: unknown): Iterable<Variable> {
    const environment = this.#resolved(node)
    if (isMap(environment)) {
      for (const { key, value } of this.#fields(environment)) {
        const name = this.#textOf(key)
        const text = this.#textOf(value)
        if (name !== null && text !== null) yield { name, value: interpolated(text), place: this.#placeOf(key) }
      }
    }
    for (const item of isSeq(environment) ? environment.items : []) {
      const entry = this.#resolved(item)
      const [, given, rest] = /^([^=]+)=([\s\S]*)$/.exec(this.#textOf(entry) ?? '') ?? []
      const name = isMap(entry) ? this.#textOf(this.#field(entry, 'name')) : given
      const text = isMap(entry) ? this.#textOf(this.#field(entry, 'value')) : rest
      if (name !== undefined && name !== null && text !== undefined && text !== null) {
        yield { name, value: interpolated(text), place: this.#placeOf(item) }
      }
    }
  }

  /** `mem_limit`, `deploy.resources.limits.memory`, `resources.limits.memory`. */
  #memoryOf(container: unknown): number | null {
    const paths = [['mem_limit'], ['deploy', 'resources', 'limits', 'memory'], ['resources', 'limits', 'memory']]
    for (const path of paths) {
      let node: unknown = container
      for (const key of path) node = this.#field(this.#resolved(node), key)
      const text = this.#textOf(node)
      if (text !== null) return bytesOf(text)
    }
    return null
  }

  #field(node: unknown, key: string): unknown {
    return isMap(node) ? this.#fields(node).findLast((field) => this.#textOf(field.key) === key)?.value : undefined
  }

  /** What `<<` brings in comes first, so that the map's own fields win. */
  #fields(node: unknown): readonly Field[] {
    const map = this.#resolved(node)
    if (!isMap(map)) return []
    const merged: Field[] = []
    const own: Field[] = []
    for (const { key, value } of map.items) {
      if (this.#textOf(key) !== '<<') own.push({ key, value })
      else {
        const source = this.#resolved(value)
        for (const each of isSeq(source) ? source.items : [source]) merged.push(...this.#fields(each))
      }
    }
    const ownKeys = own.map(({ key }) => this.#textOf(key))
    return [...merged.filter(({ key }) => !ownKeys.includes(this.#textOf(key))), ...own]
  }

  /** Numbers and switches as they are written: 2000, true. */
  #textOf(node: unknown): string | null {
    const scalar = this.#resolved(node)
    if (!isScalar(scalar)) return null
    if (typeof scalar.value === 'string') return scalar.value
    return scalar.value === null ? '' : (scalar.source ?? null)
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node
  }

  #placeOf(node: unknown): Place {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : null
    return this.placeAt(range?.[0] ?? 0)
  }
}

/** Compose fills in variables of its own: those with a default are known, the others stay as they are written. */
function interpolated(text: string): string {
  return text.replaceAll(/\$\{\w+:?-([^}]*)\}/g, '$1').replaceAll('$$', '$')
}

function bytesOf(text: string): number | null {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([bkmg]?)(?:i|b|ib)?$/i.exec(text) ?? []
  const powers = ['k', 'm', 'g']
  return number === undefined ? null : Number(number) * 1024 ** (powers.indexOf(unit.toLowerCase()) + 1)
}
