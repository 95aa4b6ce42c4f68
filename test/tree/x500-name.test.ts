import { expect, test } from 'vitest'
import { isX500Name } from '../../src/tree/x500-name.ts'

/** What `new X500Principal(text)` of OpenJDK 17 takes, and what it refuses. */
const TAKEN = String.raw`
CN=client,O=Ex
cn=client, o=Ex
CN=client;O=Ex
CN=a+OU=b,O=Ex
CN=
1.2.3=x
OID.1.2.3=x
oid.1.2.3=x
1.2=x
CN=a\,b
CN=a\41
CN="a,b"
CN=#0401ff
CN=a=b
CN=a#b
S=x
ST=x,L=y,STREET=z,DC=d,UID=u,C=de
C=deu
EMAILADDRESS=a@b
EMAIL=a@b
SERIALNUMBER=1,GIVENNAME=x,SURNAME=y,INITIALS=z,GENERATION=3,T=t,IP=1.2.3.4,DNQ=x,DNQUALIFIER=x
 CN = a , O = b
CN=ünïcode
DC=a\+b,DC=c
CN="a\"b"
CN="a\,b"
`
const REFUSED = String.raw`
CN
=x
foo
FOO=bar
1=x
3.1=x
1..2=x
CN=a,,O=b
CN=a,
,CN=a
CN=a\
CN=a\x
CN=a\4
CN="a
CN="a" x
CN="a"x
CN=#04
CN=#zz
CN=#040
CN=#
CN=a<b
CN=a;b
CN=a+b
CN=a+
E=a@b
SN=x
anyone
user:hash
C N=a
CN="a\z"
`
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

test.each([...lines(TAKEN), '', 'CN=a\nb', 'CN=  '])('Java reads it as a name: %j', (text) => {
  expect(isX500Name(text)).toBe(true)
})

test.each(lines(REFUSED))('Java refuses it as a name: %j', (text) => {
  expect(isX500Name(text)).toBe(false)
})
