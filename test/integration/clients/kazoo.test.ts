import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Dialogue } from './dialogue.ts'
import { PYTHON, requirePackages, startApache, startZktune } from '../servers-under-test.ts'

const SCRIPT = fileURLToPath(new URL('kazoo_session.py', import.meta.url))

/** What Apache ZooKeeper 3.8.0 makes the script say. */
const SAID = `
version (3, 8, 0)
create /app
create again NodeExistsError
create below nothing NoNodeError
get b'one' version 0 length 3 children 0
set 1
set stale BadVersionError
get nothing NoNodeError
exists 1 None
children ['a'] ['app', 'zookeeper']
delete full NotEmptyError
delete stale BadVersionError
deleted None
cversion 2 times True zxids True
large 1000000
sequence ['/app/n-0000000002', '/app/n-0000000003', '/app/n-0000000004', '/app/n-0000000005']
ephemeral True
below ephemeral NoChildrenForEphemeralsError
sync /app True
create2 /app/stat 2
data watch ['CHANGED /app']
child and exists watch ['CHILD /app', 'CREATED /app/later']
once only []
transaction ['/app/t', 1, True]
failed transaction ['RolledBackError', 'BadVersionError', 'RuntimeInconsistency']
nothing of it None 1
owner reads b'hidden'
stranger reads NoAuthError
stranger knows the secret b'hidden'
lock False ['holder']
lock free True
counter 40
in flight 200 True
same session True False
another server True
ephemeral lives True
watch lives b'after the kill'
auth lives b'hidden'
create /app/after
ephemeral gone ['DELETED /app/mine']
children ['zookeeper']
`

describe.each([
  ['Apache ZooKeeper 3.8.0', startApache],
  ['zktune', startZktune],
])('kazoo with %s', (_name, start) => {
  test('finds what it knows from ZooKeeper, and goes on when its server dies', async () => {
    requirePackages()
    await using servers = await start()
    await using script = new Dialogue(PYTHON, [SCRIPT, servers.hosts])
    const before = await script.hear(/^kill (\d+)\n/m, 60_000)
    const port = Number(/^kill (\d+)$/m.exec(before)?.[1])
    await servers.kill(port)
    script.say('killed')
    const after = await script.end()
    const said = before.replace(/^kill \d+\n/m, '') + after
    expect(said.trim().split('\n')).toEqual(SAID.trim().split('\n'))
  })
})
