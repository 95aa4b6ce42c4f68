/** The parts of which a page for people is made. */

/** @param parts empty ones are left out @returns with a newline at its end */
export function page(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** @returns nothing when there is nothing below the heading */
export function section(title: string, body: string): string {
  return body === '' ? '' : `## ${title}\n\n${body}`
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Nothing written is `none`. */
export function code(text: string): string {
  return text === '' ? 'none' : `\`${text}\``
}

/** Three digits, for no measurement of ours has more. */
export function count(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US')
}

/** So many digits, zeros behind the point included, and never an exponent: `0.061`, `11.0`, `1,700`. */
export function significant(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumSignificantDigits: digits, maximumSignificantDigits: digits })
}
