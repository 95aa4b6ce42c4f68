import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'

export interface DiffSide {
  readonly name: string
  readonly text: string
}

/**
 * The lines that differ between two texts, as `diff -u` writes them, with three lines around each change.
 *
 * @returns '' for equal texts
 */
export function lineDiff(before: DiffSide, after: DiffSide): string {
  if (before.text === after.text) return ''
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY }
  return createTwoFilesPatch(before.name, after.name, before.text, after.text, undefined, undefined, options)
}
