import Table from 'cli-table3'

import type { Style } from './style.ts'

export interface TableColumn {
  readonly title: string
  readonly align: 'left' | 'right'
  /** The lowest goes first when the lines are too narrow; absent: it never goes. */
  readonly keep?: number | undefined
}

/** cli-table3 without its box, two spaces between columns: it reads, and it pastes, as text. */
const NO_BOX = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  mid: '',
  'mid-mid': '',
  'left-mid': '',
  'right-mid': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  right: '',
  middle: '  ',
} as const

/** A head, a rule, the rows; no newline at the end. */
export function plainTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align),
    chars: NO_BOX,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) table.push([...row])
  const lines = table.toString().split('\n')
  const width = Math.max(...lines.map((line) => line.length))
  const [head = '', ...body] = lines.map((line) => line.trimEnd())
  return [head, (style.hasUnicode ? '─' : '-').repeat(width), ...body].join('\n')
}

/** As `plainTable`; columns go, the least first, until it fits, for a wrapped table can't be read. */
export function narrowedTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const text = plainTable(columns, rows, style)
  const least = Math.min(...columns.map(({ keep }) => keep ?? Infinity))
  if (least === Infinity || widthOf(text) <= style.columns) return text
  const stays = columns.map(({ keep }) => keep !== least)
  return narrowedTable(
    columns.filter((_, at) => stays[at]),
    rows.map((row) => row.filter((_, at) => stays[at])),
    style,
  )
}

function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length))
}

/** Words over lines of `columns` characters, indented; further lines deeper. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ' '
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > columns && line.trim() !== '') {
      lines.push(line)
      line = '   '
    }
    line += ` ${word}`
  }
  return [...lines, line]
}
