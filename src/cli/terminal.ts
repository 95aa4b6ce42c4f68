/** What may be written to one of the two output streams; stdout and stderr are judged apart. */
export interface Terminal {
  /** A person watches and a line can be redrawn. */
  readonly isInteractive: boolean
  readonly hasColour: boolean
  /** Box drawing and `µ` arrive as they are; else ASCII stands in for them. */
  readonly hasUnicode: boolean
  /** Characters in a line. */
  readonly columns: number
}

export type Environment = Readonly<Record<string, string | undefined>>

const COLUMNS_DEFAULT = 80

/**
 * NO_COLOR (no-color.org), FORCE_COLOR, TERM=dumb and CI as clig.dev asks. Where NO_COLOR and FORCE_COLOR contradict
 * each other plain text wins, for it can always be read.
 */
export function terminalOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Environment,
): Terminal {
  const isDumb = environment['TERM'] === 'dumb'
  const isTty = stream.isTTY === true
  const isInCi = isSet(environment['CI']) && environment['CI'] !== 'false'
  return {
    isInteractive: isTty && !isDumb && !isInCi,
    hasColour: hasColour(isTty && !isDumb, environment),
    hasUnicode: !isDumb && isUtf8Locale(environment),
    columns: columnsOf(isTty ? stream.columns : undefined, environment),
  }
}

/** COLUMNS (POSIX) says it where no terminal does: for a pager. */
function columnsOf(ofTerminal: number | undefined, environment: Environment): number {
  if (ofTerminal !== undefined && ofTerminal > 0) return ofTerminal
  const wanted = Number(environment['COLUMNS'])
  return Number.isSafeInteger(wanted) && wanted > 0 ? wanted : COLUMNS_DEFAULT
}

function hasColour(byDefault: boolean, environment: Environment): boolean {
  if (isSet(environment['NO_COLOR'])) return false
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return byDefault
}

/** The first of these that is set and not empty decides, as in setlocale(3). */
function isUtf8Locale(environment: Environment): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(isSet)
  return locale !== undefined && /utf-?8/i.test(locale)
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
