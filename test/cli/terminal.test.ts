import { describe, expect, test } from 'vitest'

import { terminalOf } from '../../src/cli/terminal.ts'

const TTY = { isTTY: true, columns: 120 }
const PIPE = {}

describe('what a stream may be given', () => {
  test('a terminal gets colour and a moving line, a pipe gets neither', () => {
    expect(terminalOf(TTY, { LANG: 'en_GB.UTF-8' })).toEqual({
      isInteractive: true,
      hasColour: true,
      hasUnicode: true,
      columns: 120,
    })
    expect(terminalOf(PIPE, { LANG: 'C' })).toEqual({
      isInteractive: false,
      hasColour: false,
      hasUnicode: false,
      columns: 80,
    })
  })

  test('COLUMNS says how wide a pipe is, and not how wide a terminal', () => {
    expect(terminalOf(PIPE, { COLUMNS: '200' }).columns).toBe(200)
    expect(terminalOf(PIPE, { COLUMNS: 'wide' }).columns).toBe(80)
    expect(terminalOf(TTY, { COLUMNS: '200' }).columns).toBe(120)
  })

  test('NO_COLOR takes colour away unless it is empty', () => {
    expect(terminalOf(TTY, { NO_COLOR: '1' }).hasColour).toBe(false)
    expect(terminalOf(TTY, { NO_COLOR: '' }).hasColour).toBe(true)
  })

  test('FORCE_COLOR gives colour to a pipe, and 0 takes it from a terminal; NO_COLOR beats it', () => {
    expect(terminalOf(PIPE, { FORCE_COLOR: '1' }).hasColour).toBe(true)
    expect(terminalOf(TTY, { FORCE_COLOR: '0' }).hasColour).toBe(false)
    expect(terminalOf(PIPE, { FORCE_COLOR: '1', NO_COLOR: '1' }).hasColour).toBe(false)
  })

  test('a dumb terminal gets plain ASCII and no moving line', () => {
    const dumb = terminalOf(TTY, { TERM: 'dumb', LANG: 'en_GB.UTF-8' })
    expect(dumb).toMatchObject({ isInteractive: false, hasColour: false, hasUnicode: false })
  })

  test('a continuous-integration run gets plain lines', () => {
    expect(terminalOf(TTY, { CI: 'true' }).isInteractive).toBe(false)
    expect(terminalOf(TTY, { CI: 'false' }).isInteractive).toBe(true)
  })

  test('LC_ALL decides before LC_CTYPE before LANG', () => {
    expect(terminalOf(PIPE, { LC_ALL: 'C', LANG: 'en_GB.UTF-8' }).hasUnicode).toBe(false)
    expect(terminalOf(PIPE, { LC_ALL: '', LC_CTYPE: 'C.utf8', LANG: 'C' }).hasUnicode).toBe(true)
  })
})
