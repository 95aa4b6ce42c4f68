import ts from 'typescript'

/** A JSON Schema, as far as types of plain data need it. */
export type Schema = Readonly<Record<string, unknown>>

/**
 * The JSON Schema (draft 2020-12) of a type of plain data, with a definition for each named interface and alias in it, and
 * their docstrings as descriptions.
 *
 * Extra properties are allowed: a later version may add some.
 *
 * @param file TypeScript that exports the type
 * @throws Error for what JSON cannot hold
 */
export function schemaOfType(file: string, typeName: string): Schema {
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    // Plain data needs no more than Readonly, Partial and Record; what the packages declare costs seconds.
    lib: ['lib.es5.d.ts'],
    types: [],
    allowImportingTsExtensions: true,
    noEmit: true,
  }
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram([file], options, {
    ...host,
    fileExists: (path) => !path.includes('/node_modules/') && host.fileExists(path),
  })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  const symbol = module === undefined ? undefined : checker.tryGetMemberInModuleExports(typeName, module)
  if (symbol === undefined) throw new Error(`${file} exports no type ${typeName}`)
  const maker = new SchemaMaker(checker)
  const root = maker.inline(checker.getDeclaredTypeOfSymbol(symbol))
  return { ...root, $defs: maker.definitions() }
}

class SchemaMaker {
  readonly #checker: ts.TypeChecker
  readonly #definitions = new Map<string, { readonly type: ts.Type; schema: Schema }>()

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker
  }

  definitions(): Readonly<Record<string, Schema>> {
    const named = [...this.#definitions].map(([name, { schema }]) => [name, schema] as const)
    return Object.fromEntries(named.toSorted(([one], [other]) => (one < other ? -1 : 1)))
  }

  inline(type: ts.Type): Schema {
    if (type.isUnion()) return this.#union(type)
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value }
    const { flags } = type
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: this.#checker.typeToString(type) === 'true' }
    if (flags & ts.TypeFlags.String) return { type: 'string' }
    if (flags & ts.TypeFlags.Number) return { type: 'number' }
    if (flags & ts.TypeFlags.Boolean) return { type: 'boolean' }
    if (flags & ts.TypeFlags.Null) return { type: 'null' }
    if (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return this.#object(type)
    throw new Error(`JSON has nothing for the type ${this.#checker.typeToString(type)}`)
  }

  #reference(type: ts.Type): Schema {
    const symbol = nameOf(type)
    if (symbol === null) return this.inline(type)
    const known = this.#definitions.get(symbol.name)
    if (known === undefined) {
      const entry = { type, schema: {} as Schema }
      this.#definitions.set(symbol.name, entry)
      entry.schema = { ...this.#described(symbol), ...this.inline(type) }
    } else if (known.type !== type) {
      throw new Error(`two types have the name ${symbol.name}`)
    }
    return { $ref: `#/$defs/${symbol.name}` }
  }

  #union({ types }: ts.UnionType): Schema {
    const literals = types.flatMap((each) => (each.isStringLiteral() || each.isNumberLiteral() ? [each.value] : []))
    const isBoolean = types.filter((each) => each.flags & ts.TypeFlags.BooleanLiteral).length === 2
    const others = types.filter((each) => {
      const isLiteral = each.isStringLiteral() || each.isNumberLiteral()
      return !isLiteral && !(isBoolean && each.flags & ts.TypeFlags.BooleanLiteral)
    })
    const hasUndefined = others.some((each) => each.flags & ts.TypeFlags.Undefined)
    const schemas = [
      ...(literals.length === 0 ? [] : [{ enum: literals }]),
      ...(isBoolean ? [{ type: 'boolean' }] : []),
      ...others.filter((each) => !(each.flags & ts.TypeFlags.Undefined)).map((each) => this.#reference(each)),
    ]
    if (hasUndefined && schemas.length === 0) throw new Error('JSON has no undefined')
    const [first] = schemas
    return schemas.length === 1 && first !== undefined ? first : { anyOf: schemas }
  }

  #object(type: ts.Type): Schema {
    const element = this.#checker.isArrayType(type)
      ? this.#checker.getTypeArguments(type as ts.TypeReference)[0]
      : undefined
    if (element !== undefined) return { type: 'array', items: this.#reference(element) }
    if (type.getCallSignatures().length > 0) throw new Error('JSON has no functions')
    const index = type.getStringIndexType()
    if (index !== undefined) return { type: 'object', additionalProperties: this.#reference(index) }
    const properties = type.getProperties()
    const schemas = properties.map((property) => {
      const schema = this.#reference(this.#checker.getTypeOfSymbol(property))
      return [property.name, { ...this.#described(property), ...schema }] as const
    })
    const required = properties.filter(({ flags }) => !(flags & ts.SymbolFlags.Optional)).map(({ name }) => name)
    return { type: 'object', required, properties: Object.fromEntries(schemas) }
  }

  #described(symbol: ts.Symbol): Schema {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).replaceAll(/\s*\n\s*/g, ' ')
    return text === '' ? {} : { description: text }
  }
}

/** Of what is declared under a name without type parameters; null for all else. */
function nameOf(type: ts.Type): ts.Symbol | null {
  if (type.aliasSymbol !== undefined) return type.aliasTypeArguments === undefined ? type.aliasSymbol : null
  const symbol = type.getSymbol()
  return symbol !== undefined &&
    symbol.flags & ts.SymbolFlags.Interface &&
    !(type as ts.TypeReference).typeArguments?.length
    ? symbol
    : null
}
