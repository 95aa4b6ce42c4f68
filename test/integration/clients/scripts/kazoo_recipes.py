"""Kazoo's recipes between two clients of two servers.

Prints one line for each fact it finds; the test that runs it knows what Apache ZooKeeper 3.8.0 makes it print.
"""

import logging
import sys
import threading
import time

from kazoo import exceptions
from kazoo.client import KazooClient, KazooState
from kazoo.recipe.cache import TreeCache, TreeEvent
from kazoo.recipe.partitioner import PartitionState
from kazoo.retry import KazooRetry

DEADLINE_S = 30


def say(*words):
    print(*words, flush=True)


def wait_for(what, condition):
    until = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.02)
    return True


def together(*calls):
    """What the calls give that are made at the same time, each in a thread of its own."""
    results = [None] * len(calls)

    def run(index):
        results[index] = calls[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    return results


def connected(host):
    client = KazooClient(hosts=host, timeout=10.0)
    client.start(timeout=DEADLINE_S)
    return client


def locks(one, two):
    held, overlaps = [], []

    def work(client, name):
        for _ in range(10):
            with client.Lock("/recipes/lock", name):
                held.append(name)
                overlaps.append(len(held) > 1)
                held.remove(name)

    together(lambda: work(one, "one"), lambda: work(two, "two"))
    say("lock", len(overlaps), any(overlaps))
    reader, other_reader = one.ReadLock("/recipes/rw"), two.ReadLock("/recipes/rw")
    writer = two.WriteLock("/recipes/rw")
    say("readers", reader.acquire(timeout=DEADLINE_S), other_reader.acquire(timeout=DEADLINE_S))
    say("writer", writer.acquire(blocking=False))
    reader.release()
    other_reader.release()
    say("writer", writer.acquire(timeout=DEADLINE_S), one.ReadLock("/recipes/rw").acquire(blocking=False))
    writer.release()
    places = [client.Semaphore("/recipes/semaphore", str(index), max_leases=2) for index, client in enumerate((one, two, one))]
    say("semaphore", places[0].acquire(), places[1].acquire(), places[2].acquire(blocking=False))
    one.sync("/recipes/semaphore")
    say("holders", sorted(places[0].lease_holders()))
    places[1].release()
    say("freed", places[2].acquire(timeout=DEADLINE_S))
    # A lock whose owner's session ends goes to the next.
    owner = connected(one.hosts_text)
    say("owner", owner.Lock("/recipes/orphan", "owner").acquire())
    waiting = two.Lock("/recipes/orphan", "heir")
    heir = threading.Thread(target=lambda: say("heir", waiting.acquire(timeout=DEADLINE_S)))
    heir.start()
    wait_for("the heir's place", lambda: len(one.get_children("/recipes/orphan")) == 2)
    owner.stop()
    heir.join(DEADLINE_S)


def elections(one, two):
    leaders = []
    votes = [client.Election("/recipes/election", name) for client, name in ((one, "one"), (two, "two"))]
    together(*[lambda vote=vote, name=name: vote.run(leaders.append, name) for vote, name in zip(votes, ("one", "two"))])
    one.sync("/recipes/election")
    say("election", sorted(leaders), votes[0].contenders())


def queues(one, two):
    queue, taker = one.Queue("/recipes/queue"), two.Queue("/recipes/queue")
    for priority, value in ((100, b"c"), (100, b"d"), (5, b"a"), (50, b"b")):
        queue.put(value, priority)
    two.sync("/recipes/queue")
    say("queue", len(taker), [taker.get() for _ in range(5)])
    locking, other = one.LockingQueue("/recipes/locking"), two.LockingQueue("/recipes/locking")
    locking.put_all([b"1", b"2"])
    say("locking queue", locking.get(), other.get(timeout=DEADLINE_S))
    say("consumed", locking.consume(), locking.consume(), locking.holds_lock())
    say("given back", other.release(), locking.get(timeout=DEADLINE_S), locking.consume())


def barriers(one, two):
    barrier = one.Barrier("/recipes/barrier")
    barrier.create()
    two.sync("/recipes")
    waiting = two.Barrier("/recipes/barrier")
    say("barrier", waiting.wait(0.1), barrier.remove(), waiting.wait(DEADLINE_S), barrier.remove())
    passed = []

    def through(client, name):
        double = client.DoubleBarrier("/recipes/double", 2, name)
        double.enter()
        passed.append("in")
        double.leave()
        passed.append("out")

    together(lambda: through(one, "one"), lambda: through(two, "two"))
    say("double barrier", passed.count("in"), passed.count("out"))


def counters(one, two):
    def count(client, by):
        counter = client.Counter("/recipes/counter")
        for _ in range(10):
            counter += by

    together(lambda: count(one, 3), lambda: count(two, -2))
    one.sync("/recipes/counter")
    say("counter", one.Counter("/recipes/counter").value)
    real = one.Counter("/recipes/real", default=0.5)
    real += 1.25
    say("real counter", real.value, real.pre_value, real.post_value)


def parties(one, two):
    for kind in ("Party", "ShallowParty"):
        mine, other = getattr(one, kind)("/recipes/" + kind, "one"), getattr(two, kind)("/recipes/" + kind, "two")
        mine.join()
        other.join()
        one.sync("/recipes/" + kind)
        say(kind, sorted(mine), len(mine))
        other.leave()
        one.sync("/recipes/" + kind)
        say(kind, sorted(mine))


def partitioned(one, two):
    parts = [
        client.SetPartitioner("/recipes/set", set=("1", "2", "3", "4"), identifier=name, time_boundary=0.2)
        for client, name in ((one, "one"), (two, "two"))
    ]

    def settled():
        for part in parts:
            if part.state == PartitionState.RELEASE:
                part.release_set()
        return all(part.acquired for part in parts) and sum(len(list(part)) for part in parts) == 4

    wait_for("the shares", settled)
    say("partitioned", sorted(len(list(part)) for part in parts), sorted(part for each in parts for part in each))
    for part in parts:
        part.finish()


def caches(one, two):
    one.ensure_path("/recipes/cached")
    cache, heard = TreeCache(two, "/recipes/cached"), []
    cache.listen(lambda event: heard.append(event))
    cache.start()
    wait_for("the cache", lambda: any(event.event_type == TreeEvent.INITIALIZED for event in heard))
    one.create("/recipes/cached/a/b", b"1", makepath=True)
    one.set("/recipes/cached/a/b", b"2")
    wait_for("the change", lambda: getattr(cache.get_data("/recipes/cached/a/b"), "data", None) == b"2")
    say("cache", cache.get_children("/recipes/cached/a"), cache.get_data("/recipes/cached/a/b").stat.version)
    one.delete("/recipes/cached/a", recursive=True)
    wait_for("the deletion", lambda: cache.get_data("/recipes/cached/a") is None)

    def removed():
        return sorted(event.event_data.path for event in heard if event.event_type == TreeEvent.NODE_REMOVED)

    wait_for("both events", lambda: len(removed()) >= 2)
    say("removed", removed())
    cache.close()


def watchers(one, two):
    values, children = [], []
    one.DataWatch("/recipes/watched", lambda data, stat: values.append((data, stat and stat.version)))
    two.ensure_path("/recipes/watched")
    wait_for("its birth", lambda: len(values) == 2)
    one.ChildrenWatch("/recipes/watched", lambda names: children.append(sorted(names)))
    for index in range(3):
        two.set("/recipes/watched", b"%d" % index)
        wait_for("a value", lambda: values[-1][0] == b"%d" % index)
        two.create("/recipes/watched/%d" % index, b"")
        wait_for("a child", lambda: len(children[-1]) == index + 1)
    two.delete("/recipes/watched", recursive=True)
    wait_for("its end", lambda: values[-1] == (None, None))
    say("data watch", values)
    say("children watch", [names for names in children if names][:3])


def leases(one, two):
    import datetime

    say("lease", bool(one.NonBlockingLease("/recipes/lease", datetime.timedelta(minutes=5), identifier="one")))
    two.sync("/recipes")
    say("lease", bool(two.NonBlockingLease("/recipes/lease", datetime.timedelta(minutes=5), identifier="two")))
    say("again", bool(one.NonBlockingLease("/recipes/lease", datetime.timedelta(minutes=5), identifier="one")))


def transactions(one, two):
    def add(client):
        def once():
            data, stat = client.get("/recipes/account")
            work = client.transaction()
            work.check("/recipes/account", stat.version)
            work.set_data("/recipes/account", b"%d" % (int(data) + 1))
            if any(isinstance(result, exceptions.KazooException) for result in work.commit()):
                raise ForcedRetry()

        for _ in range(10):
            KazooRetry(max_tries=-1, delay=0.001, backoff=1, ignore_expire=False)(again_until, once)

    class ForcedRetry(Exception):
        pass

    def again_until(call):
        while True:
            try:
                return call()
            except ForcedRetry:
                time.sleep(0.001)

    one.create("/recipes/account", b"0")
    two.sync("/recipes/account")
    together(lambda: add(one), lambda: add(two))
    one.sync("/recipes/account")
    say("account", one.get("/recipes/account")[0])


def retries(one, two):
    """Its server dies in the middle of its work; calls that are made again come to an end all the same."""
    client = KazooClient(hosts=",".join((one.hosts_text, two.hosts_text)), timeout=10.0, connection_retry={"max_tries": -1})
    states = []
    client.add_listener(states.append)
    client.start(timeout=DEADLINE_S)
    port = client._connection._socket.getpeername()[1]
    held = client.Lock("/recipes/held", "held")
    say("held", held.acquire())
    client.create("/recipes/mine", b"", ephemeral=True)
    say("kill", port)
    sys.stdin.readline()
    retry = KazooRetry(max_tries=-1, delay=0.05, ignore_expire=False)
    say("retried", retry(client.set, "/recipes/mine", b"after").version)
    say("states", [state for state in states if state != KazooState.SUSPENDED], held.contenders())
    client.stop()
    say("restart", port)
    sys.stdin.readline()


logging.basicConfig(level=logging.CRITICAL)
hosts = sys.argv[1].split(",")
one, two = connected(hosts[0]), connected(hosts[1])
one.hosts_text, two.hosts_text = hosts[0], hosts[1]
one.ensure_path("/recipes")
two.sync("/recipes")
for part in (locks, elections, queues, barriers, counters, parties, partitioned, caches, watchers, leases, transactions):
    part(one, two)
retries(one, two)
wait_for("their connections", lambda: one.connected and two.connected)
one.retry(one.delete, "/recipes", recursive=True)
one.stop()
two.stop()
say("done")
