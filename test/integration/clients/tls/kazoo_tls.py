"""kazoo by TLS: what it finds goes to stdout, line by line.

Arguments: host:port, the authority, one that signed nothing here, and where it has them the client's certificate and key.
"""

import sys

from kazoo.client import KazooClient
from kazoo.exceptions import NoAuthError
from kazoo.security import make_acl

hosts, ca, stranger, *own = sys.argv[1:]
shown = dict(zip(['certfile', 'keyfile'], own))


def client(**options):
    return KazooClient(hosts, timeout=10, use_ssl=True, verify_certs=True, connection_retry={'max_tries': 0}, **options)


def say(*words):
    print(*words, flush=True)


def outcome(ask):
    try:
        return ask()
    except Exception as error:
        return type(error).__name__


zk = client(ca=ca, **shown)
zk.start(timeout=20)
say('create', zk.create('/app', b'one'))
say('get', zk.get('/app')[0])
say('large', len(zk.create('/large', b'x' * 900000) and zk.get('/large')[0]))
say('version', zk.server_version())

# The name in the certificate is an identity.
say('mine', outcome(lambda: zk.create('/mine', b'hidden', acl=[make_acl('x509', 'CN=client,O=zktune', all=True)])))
say('get mine', outcome(lambda: zk.get('/mine')[0]))
zk.create('/other', b'hidden', acl=[make_acl('x509', 'CN=other,O=zktune', all=True)])
say('get other', outcome(lambda: zk.get('/other')))
say('auth', outcome(lambda: zk.create('/auth', b'', acl=[make_acl('auth', '', all=True)])))
if zk.exists('/auth'):
    say('whose', [(each.id.scheme, each.id.id) for each in zk.get_acls('/auth')[0]])
say('no name', outcome(lambda: zk.create('/bad', b'', acl=[make_acl('x509', 'no name', all=True)])))

seen = []
zk.get('/app', watch=lambda event: seen.append(event.type))
zk.set('/app', b'two')
zk.sync('/')
say('watch', seen)
for path in ['/app', '/large', '/auth']:
    outcome(lambda: zk.delete(path))
zk.stop()


def refused(name, options):
    zk = client(**options)
    say(name, outcome(lambda: zk.start(timeout=3)))
    zk.stop()


refused('mistrusts', dict(shown, ca=stranger))
if shown:
    refused('nobody', {'ca': ca})
