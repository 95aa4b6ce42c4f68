import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { Progress } from '../../src/cli/progress.ts'
import type { Terminal } from '../../src/cli/terminal.ts'

const PERSON: Terminal = { isInteractive: true, hasColour: true, hasUnicode: true, columns: 60 }
const LOG_FILE: Terminal = { ...PERSON, isInteractive: false, hasColour: false }

function progressOn(terminal: Terminal): { progress: Progress; written: string[] } {
  const written: string[] = []
  const progress = new Progress({ terminal, write: (text) => written.push(text), nowMs: () => Date.now() })
  return { progress, written }
}

beforeEach(() => vi.useFakeTimers({ now: 0 }))
afterEach(() => vi.useRealTimers())

describe('progress at a terminal', () => {
  test('is on the screen at once and is redrawn five times a second at most', () => {
    const { progress, written } = progressOn(PERSON)
    progress.show({ phase: 'measuring', totalMs: 10_000, opsPerSecond: null })
    expect(written.join('')).toContain('measuring (0.0 of 10.0 s)')
    for (let ms = 0; ms < 1000; ms += 20) {
      vi.advanceTimersByTime(20)
      progress.show({ phase: 'measuring', totalMs: 10_000, opsPerSecond: 12_345 })
    }
    expect(written.length).toBeLessThanOrEqual(1 + 5)
    expect(written.at(-1)).toBe('\r\x1b[K1.0 s  measuring (1.0 of 10.0 s)  12,345 ops/s  ██')
    progress.end()
  })

  test('shows how the throughput went, ten seconds of it', () => {
    const { progress, written } = progressOn({ ...PERSON, columns: 120 })
    for (let half = 0; half < 60; half++) {
      progress.show({ phase: 'measuring', totalMs: null, opsPerSecond: half < 50 ? 10 : 20 })
      vi.advanceTimersByTime(500)
    }
    expect(written.at(-1)).toMatch(/20 ops\/s {2}(?=[▅█]{20}$)▅+█+$/)
    progress.end()
  })

  test('has no bars where the terminal cannot draw them', () => {
    const { progress, written } = progressOn({ ...PERSON, hasUnicode: false })
    progress.show({ phase: 'measuring', totalMs: null, opsPerSecond: 10 })
    expect(written.at(-1)).toBe('\r\x1b[K0.0 s  measuring  10 ops/s')
    progress.end()
  })

  test('is never wider than the terminal, for a wrapped line cannot be taken back', () => {
    const { progress, written } = progressOn({ ...PERSON, columns: 20 })
    progress.show({ phase: 'a phase with a very long name', totalMs: null, opsPerSecond: null })
    expect(written[0]?.replace('\r\x1b[K', '').length).toBe(19)
    progress.end()
  })

  test('leaves nothing behind when it ends, and draws nothing more', () => {
    const { progress, written } = progressOn(PERSON)
    progress.show({ phase: 'booting', totalMs: null, opsPerSecond: null })
    progress.end()
    expect(written.at(-1)).toBe('\r\x1b[K')
    const count = written.length
    vi.advanceTimersByTime(2_000)
    expect(written).toHaveLength(count)
  })

  test('keeps a note above the moving line', () => {
    const { progress, written } = progressOn(PERSON)
    progress.show({ phase: 'serving', totalMs: null, opsPerSecond: null })
    progress.note('server 2 has ended')
    expect(written.slice(1)).toEqual(['\r\x1b[Kserver 2 has ended\n', '\r\x1b[K0.0 s  serving'])
    progress.end()
  })
})

test('elsewhere progress is one plain line a phase', () => {
  const { progress, written } = progressOn(LOG_FILE)
  progress.show({ phase: 'booting 3 servers', totalMs: null, opsPerSecond: null })
  progress.show({ phase: 'measuring', totalMs: 10_000, opsPerSecond: null })
  vi.advanceTimersByTime(5_000)
  progress.show({ phase: 'measuring', totalMs: 10_000, opsPerSecond: 5_000 })
  progress.end()
  expect(written).toEqual(['booting 3 servers\n', 'measuring (10.0 s)\n'])
})
