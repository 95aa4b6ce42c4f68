import { expect, test } from 'vitest'
import { allKnobs } from '../../src/zoocfg/catalogue.ts'
import { HIDDEN, hideSecrets, isSecret, shownValue } from '../../src/zoocfg/secrets.ts'

test('every password and digest of the catalogue is a secret, and the path of one is not', () => {
  const named = allKnobs().flatMap(({ key }) => (/password|digest$/i.test(key) ? [key] : []))
  const open = named.filter((key) => !isSecret(key))
  expect(open).toEqual(named.filter((key) => key.endsWith('.passwordPath')))
  expect(named.length).toBeGreaterThan(open.length + 5)
})

test('a key that ZooKeeper does not know is a secret by what it was meant to be, or by its name', () => {
  for (const key of ['ssl.keyStore.pasword', 'zookeeper.ssl.keyStore.password', 'my.password', 'rest.ssl.jks.pass']) {
    expect(isSecret(key), key).toBe(true)
  }
  for (const key of ['tickTime', 'snapcount', 'my.own', 'digest.enabled', 'ssl.keyStore.passwordPath']) {
    expect(isSecret(key), key).toBe(false)
  }
})

test('an empty value is shown as it is', () => {
  expect(shownValue('ssl.keyStore.password', '')).toBe('')
  expect(shownValue('ssl.keyStore.password', 'x')).toBe(HIDDEN)
})

test('a text keeps all but its secrets, those over several lines too', () => {
  const text = 'tickTime = 2000\nssl.keyStore.password : to\\\n  p\nssl.keyStore.type=PEM\n'
  expect(hideSecrets(text)).toBe('tickTime = 2000\nssl.keyStore.password : (hidden)\nssl.keyStore.type=PEM\n')
})

test.each([
  ['#ssl.keyStore.password=x y', '#ssl.keyStore.password=(hidden)'],
  ['  ! ssl.trustStore.password x', '  ! ssl.trustStore.password (hidden)'],
  ['# was: ssl.keyStore.password = x', '# was: ssl.keyStore.password = (hidden)'],
  ['# -Dzookeeper.ssl.keyStore.password=x', '# -Dzookeeper.ssl.keyStore.password=(hidden)'],
  ['# Password: x', '# Password: (hidden)'],
  ['# DigestAuthenticationProvider.superDigest=super:x', '# DigestAuthenticationProvider.superDigest=(hidden)'],
])('the comment %j is shown as %j', (comment, shown) => {
  expect(hideSecrets(`a=1\n${comment}\r\nb=2 # not a comment\n`)).toBe(`a=1\n${shown}\r\nb=2 # not a comment\n`)
})

test('a comment that only speaks of passwords stays', () => {
  for (const comment of [
    '# the password is in the vault',
    '# ssl.keyStore.passwordPath=/etc/p',
    '# see: tickTime=2000',
  ]) {
    expect(hideSecrets(comment)).toBe(comment)
  }
})
