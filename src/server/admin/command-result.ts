import type { JavaJson } from './java-json.ts'

export type Fields = Readonly<Record<string, JavaJson>>

/** What a command of the AdminServer gives: fields, or why there are none. */
export type CommandResult = Fields | { readonly error: string }
