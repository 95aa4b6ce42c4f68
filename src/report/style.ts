/** What the place that a text goes to can show. */
export interface Style {
  readonly hasColour: boolean
  readonly hasUnicode: boolean
  /** Characters in a line; reports use 80 of them at most. */
  readonly columns: number
}

const BOLD = '\x1b[1m'
const YELLOW = '\x1b[33m'
const RESET = '\x1b[0m'

export function strong(text: string, style: Style): string {
  return style.hasColour ? `${BOLD}${text}${RESET}` : text
}

/** Colour only underlines what the words already say. */
export function warned(text: string, style: Style): string {
  return style.hasColour ? `${YELLOW}${text}${RESET}` : text
}
