import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { ZooKeeperClient } from '../../src/client/zookeeper-client.ts'
import { Permission } from '../../src/protocol/acl.ts'
import { KnobWorld } from './knob-world.ts'
import type { Lines } from './knob-world.ts'
import type { Observations } from './observation.ts'

const OWN = { acl: [{ perms: Permission.all, scheme: 'auth', id: '' }] }
const SUPER = `boss:${createHash('sha1').update('boss:secret').digest('base64')}`

export const securityObservations: Observations = {
  'DigestAuthenticationProvider.superDigest': async () => {
    const readAsBoss = async (lines: Lines): Promise<string> => {
      const { world, stranger } = await secretWith(lines)
      await world.wait(stranger.addAuth('digest', 'boss:secret'))
      return readSecret(world, stranger)
    }
    await expect(readAsBoss({})).rejects.toThrow('NOAUTH')
    expect(await readAsBoss({ 'DigestAuthenticationProvider.superDigest': SUPER })).toBe('secret')
  },

  'DigestAuthenticationProvider.enabled': async () => {
    await expect(secretWith({ 'DigestAuthenticationProvider.enabled': 'false' })).rejects.toThrow('AUTHFAILED')
  },

  'DigestAuthenticationProvider.digestAlg': async () => {
    const idWith = async (lines: Lines): Promise<string | undefined> => {
      const { world, owner } = await secretWith(lines)
      return (await world.wait(owner.getACL('/secret'))).acl[0]?.id
    }
    const hashed = (algorithm: string): string => `owner:${createHash(algorithm).update('owner:pw').digest('base64')}`
    expect(await idWith({})).toBe(hashed('sha1'))
    expect(await idWith({ 'DigestAuthenticationProvider.digestAlg': 'SHA-512' })).toBe(hashed('sha512'))
  },

  skipACL: async () => {
    const readWith = async (lines: Lines): Promise<string> => {
      const { world, stranger } = await secretWith(lines)
      return readSecret(world, stranger)
    }
    await expect(readWith({})).rejects.toThrow('NOAUTH')
    expect(await readWith({ skipACL: 'yes' })).toBe('secret')
  },

  enableEagerACLCheck: async () => {
    const zxidsOfForbiddenWrite = async (lines: Lines): Promise<number> => {
      const { world, stranger } = await secretWith(lines)
      const before = await zxid(world)
      await expect(world.wait(stranger.setData('/secret', 'x'))).rejects.toThrow('NOAUTH')
      return (await zxid(world)) - before
    }
    expect(await zxidsOfForbiddenWrite({})).toBe(1)
    expect(await zxidsOfForbiddenWrite({ enableEagerACLCheck: 'true' })).toBe(0)
  },

  'enforce.auth.enabled': async () => {
    const read = async (lines: Lines): Promise<unknown> => {
      const world = new KnobWorld()
      await world.standalone(lines)
      return world.wait((await world.connected()).getChildren('/'))
    }
    await read({ 'enforce.auth.schemes': 'digest' })
    await expect(read({ 'enforce.auth.schemes': 'digest', 'enforce.auth.enabled': 'true' })).rejects.toThrow()
  },

  'enforce.auth.schemes': async () => {
    const readWith = async (schemes: string): Promise<unknown> => {
      const world = new KnobWorld()
      await world.standalone({ 'enforce.auth.enabled': 'true', 'enforce.auth.schemes': schemes })
      return world.wait((await world.connected()).getChildren('/'))
    }
    await expect(readWith('digest')).rejects.toThrow()
    await readWith('digest,ip')
  },

  sessionRequireClientSASLAuth: async () => {
    await expect(new KnobWorld().standalone({ sessionRequireClientSASLAuth: 'true' })).rejects.toThrow('SASL')
  },
}

/** A znode that belongs to one client, and another one that has nothing to do with it. */
async function secretWith(
  lines: Lines,
): Promise<{ readonly world: KnobWorld; readonly owner: ZooKeeperClient; readonly stranger: ZooKeeperClient }> {
  const world = new KnobWorld()
  await world.standalone(lines)
  const owner = await world.connected()
  await world.wait(owner.addAuth('digest', 'owner:pw'))
  await world.wait(owner.create('/secret', 'secret', OWN))
  return { world, owner, stranger: await world.connected() }
}

async function readSecret(world: KnobWorld, client: ZooKeeperClient): Promise<string> {
  return String((await world.wait(client.getData('/secret'))).data)
}

async function zxid(world: KnobWorld): Promise<number> {
  return Number(/^Zxid: (.*)$/m.exec(await world.word('srvr'))?.[1])
}
