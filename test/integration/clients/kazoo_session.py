"""Walks kazoo through what clients of a coordination service do, against three servers.

Prints one line for each fact it finds; the test that runs it knows what Apache ZooKeeper 3.8.0 makes it print. Where it
prints "kill PORT" it waits on standard input until that server has been killed.
"""

import logging
import sys
import threading
import time

from kazoo import exceptions
from kazoo.client import KazooClient, KazooState
from kazoo.security import make_digest_acl

HOSTS = sys.argv[1]
DEADLINE_S = 30


def say(*words):
    print(*words, flush=True)


def outcome(call, *args, **kwargs):
    """The name of the error that a call ends in."""
    try:
        return call(*args, **kwargs)
    except exceptions.KazooException as error:
        return type(error).__name__


class Heard:
    """Watch events, in the order of their arrival."""

    def __init__(self):
        self.events = []
        self._changed = threading.Condition()

    def __call__(self, event):
        with self._changed:
            self.events.append("%s %s" % (event.type, event.path))
            self._changed.notify_all()

    def take(self, count):
        with self._changed:
            self._changed.wait_for(lambda: len(self.events) >= count, DEADLINE_S)
            taken, self.events = self.events, []
            return taken


def wait_for(what, condition):
    until = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.02)


logging.basicConfig(level=logging.ERROR)
client = KazooClient(hosts=HOSTS, timeout=10.0)
other = KazooClient(hosts=HOSTS, timeout=10.0)
client.start(timeout=DEADLINE_S)
other.start(timeout=DEADLINE_S)
say("version", client.server_version())

# Create, get, set, exists, list, delete.
say("create", client.create("/app", b"one"))
say("create again", outcome(client.create, "/app", b"one"))
say("create below nothing", outcome(client.create, "/no/where", b""))
data, stat = client.get("/app")
say("get", data, "version", stat.version, "length", stat.dataLength, "children", stat.numChildren)
say("set", client.set("/app", b"two", version=0).version)
say("set stale", outcome(client.set, "/app", b"three", version=0))
say("get nothing", outcome(client.get, "/nothing"))
say("exists", client.exists("/app").version, client.exists("/nothing"))
client.ensure_path("/app/a/b/c")
say("children", sorted(client.get_children("/app")), sorted(client.get_children("/")))
say("delete full", outcome(client.delete, "/app/a"))
say("delete stale", outcome(client.delete, "/app/a/b/c", version=5))
client.delete("/app/a", recursive=True)
say("deleted", client.exists("/app/a"))
data, stat = client.get("/app")
say("cversion", stat.cversion, "times", stat.ctime <= stat.mtime, "zxids", stat.czxid < stat.mzxid < stat.pzxid)
say("large", len(client.get(client.create("/app/large", b"x" * 1000000))[0]))
client.delete("/app/large")

# Sequential and ephemeral znodes, containers of nothing, what sync promises.
names = [client.create("/app/n-", b"", sequence=True) for _ in range(3)]
client.delete(names[1])
names.append(client.create("/app/n-", b"", sequence=True))
say("sequence", names)
client.create("/app/mine", b"", ephemeral=True)
say("ephemeral", client.exists("/app/mine").ephemeralOwner == client.client_id[0])
say("below ephemeral", outcome(client.create, "/app/mine/child", b""))
say("sync", other.sync("/app"), other.exists("/app/mine") is not None)
create_path, created = client.create("/app/stat", b"12", include_data=True)
say("create2", create_path, created.dataLength)

# Watches.
heard = Heard()
client.get("/app", watch=heard)
client.get_children("/app", watch=heard)
client.exists("/app/later", watch=heard)
other.set("/app", b"watched")
say("data watch", heard.take(1))
other.set("/app", b"again")
other.create("/app/later", b"")
say("child and exists watch", sorted(heard.take(2)))
other.delete("/app/later")
client.sync("/app")
say("once only", heard.events)

# Transactions.
good = client.transaction()
good.create("/app/t", b"0")
good.set_data("/app/t", b"1", version=0)
good.check("/app/t", 1)
say("transaction", [result if isinstance(result, (str, bool)) else result.version for result in good.commit()])
bad = client.transaction()
bad.create("/app/u", b"")
bad.check("/app/t", 9)
bad.delete("/app/t")
say("failed transaction", [type(result).__name__ for result in bad.commit()])
say("nothing of it", client.exists("/app/u"), client.exists("/app/t").version)

# ACLs.
client.add_auth("digest", "user:secret")
client.create("/app/private", b"hidden", acl=[make_digest_acl("user", "secret", all=True)])
say("owner reads", client.get("/app/private")[0])
other.sync("/app")  # its server may be a step behind
say("stranger reads", outcome(other.get, "/app/private"))
other.add_auth("digest", "user:secret")
say("stranger knows the secret", other.get("/app/private")[0])

# Recipes: a lock, and a counter in two clients.
with client.Lock("/app/lock", "holder"):
    rival = other.Lock("/app/lock", "rival")
    acquired = rival.acquire(blocking=False)
    client.sync("/app/lock")
    say("lock", acquired, client.Lock("/app/lock").contenders())
say("lock free", other.Lock("/app/lock", "rival").acquire(timeout=DEADLINE_S))
counters = [client.Counter("/app/counter"), other.Counter("/app/counter")]
threads = [threading.Thread(target=lambda c=c: [c.__add__(1) for _ in range(20)]) for c in counters]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
client.sync("/app/counter")
say("counter", counters[0].value)

# Many requests in flight.
pending = [client.create_async("/app/many-", b"%d" % i, sequence=True) for i in range(200)]
paths = [each.get(timeout=DEADLINE_S) for each in pending]
say("in flight", len(set(paths)), paths == sorted(paths))

# The server that the client talks to dies: the same session goes on with another one.
states = []
client.add_listener(states.append)
values = []
client.DataWatch("/app", lambda data, stat: values.append(data))
session, port = client.client_id[0], client._connection._socket.getpeername()[1]
say("kill", port)
sys.stdin.readline()
wait_for("a reconnection", lambda: KazooState.CONNECTED in states)
wait_for("a connection", lambda: client.connected)
say("same session", client.client_id[0] == session, KazooState.LOST in states)
say("another server", client._connection._socket.getpeername()[1] != port)
say("ephemeral lives", client.exists("/app/mine") is not None)
wait_for("the other client", lambda: other.connected)
client.retry(client.set, "/app", b"after the kill")
wait_for("the watch", lambda: b"after the kill" in values)
say("watch lives", values[-1])
say("auth lives", client.retry(client.get, "/app/private")[0])
say("create", client.retry(client.create, "/app/after", b""))

# A closed session takes its ephemerals with it.
gone = Heard()
other.retry(other.exists, "/app/mine", watch=gone)
client.stop()
say("ephemeral gone", gone.take(1))
other.delete("/app", recursive=True)
say("children", other.get_children("/"))
other.stop()
