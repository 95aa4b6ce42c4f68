import { describe, expect, test } from 'vitest'
import { VERDICTS } from '../../src/zoocfg/verdict-data.ts'
import { adminObservations } from './admin-observations.ts'
import { clusterObservations } from './cluster-observations.ts'
import { httpTlsObservations } from './http-tls-observations.ts'
import { limitObservations } from './limit-observations.ts'
import type { Observations } from './observation.ts'
import { peerObservations } from './peer-observations.ts'
import { securityObservations } from './security-observations.ts'
import { sessionObservations } from './session-observations.ts'
import { storageObservations } from './storage-observations.ts'
import { telemetryObservations } from './telemetry-observations.ts'
import { throttleObservations } from './throttle-observations.ts'
import { tlsObservations } from './tls-observations.ts'
import { treeObservations } from './tree-observations.ts'

/** One file for each group of settings; a file of its own for a new one. */
const GROUPS: Readonly<Record<string, Observations>> = {
  admin: adminObservations,
  cluster: clusterObservations,
  'HTTP with TLS': httpTlsObservations,
  limits: limitObservations,
  peers: peerObservations,
  security: securityObservations,
  sessions: sessionObservations,
  storage: storageObservations,
  telemetry: telemetryObservations,
  throttle: throttleObservations,
  tls: tlsObservations,
  tree: treeObservations,
}

const honoured = VERDICTS.filter(({ kind }) => kind === 'honoured').map(({ key }) => key)

test('every honoured setting has one observation, and nothing else has', () => {
  const observed = Object.values(GROUPS).flatMap((group) => Object.keys(group))
  expect([...observed].sort()).toEqual([...honoured].sort())
})

describe.each(Object.entries(GROUPS))('%s', (_group, observations) => {
  test.each(Object.entries(observations))('%s makes a difference', (_key, observe) => observe())
})
