"""A plugin for pytest: kazoo's own tests, which start and stop the servers of Apache ZooKeeper, get zktune's instead.

ZKTUNE_SERVER is the command line of a server, as a JSON list, to which the path of a zoo.cfg is added. Without it the
servers are Apache's, of ZOOKEEPER_CLASSPATH, as kazoo means it; so the same run can be made with both.
"""

import json
import os
import signal
import socket
import subprocess
import time
from types import SimpleNamespace

import pytest
from kazoo.testing import common

SERVER = json.loads(os.environ.get("ZKTUNE_SERVER", "null"))
UP_DEADLINE_S = 60
TEST_DEADLINE_S = 60
# Of the JVM and its logs.
NOT_FOR_US = ("zookeeper.log.dir", "zookeeper.root.logger", "log4j.configuration", "java.", "file.encoding")


def start_server(args):
    """What kazoo gives to Java, for a server that takes everything from zoo.cfg."""
    config = args[-1]
    with open(config, "a") as lines:
        for word in args:
            if word.startswith("-D") and not word[2:].startswith(NOT_FOR_US):
                lines.write("\n" + word[2:].replace("zookeeper.", "", 1))
        lines.write("\n")
    with open(os.path.join(os.path.dirname(config), "printed"), "a") as printed:
        return subprocess.Popen(SERVER + [config], stdout=printed, stderr=printed)


def ask(server, word):
    try:
        with socket.create_connection((server.host, server.client_port), 5) as connection:
            connection.sendall(word)
            return connection.makefile().read()
    except OSError:
        return None


def wait_for(condition):
    until = time.monotonic() + UP_DEADLINE_S
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("a server is not up after %d s" % UP_DEADLINE_S)
        time.sleep(0.05)


# kazoo sleeps 2 s for the servers to come up, and then gives its clients 15 s to connect: enough, or not, by the load of
# the machine. So these wait until the servers are there.
class PatientServer(common.ManagedZooKeeper):
    def run(self):
        super().run()
        wait_for(lambda: ask(self, b"ruok") is not None)


class PatientCluster(common.ZookeeperCluster):
    def start(self):
        super().start()
        for server in self:
            wait_for(lambda: "Mode:" in (ask(server, b"srvr") or ""))


def pytest_configure():
    from kazoo.testing import harness

    common.ManagedZooKeeper = PatientServer
    harness.ZookeeperCluster = PatientCluster
    if SERVER is not None:
        common.subprocess = SimpleNamespace(Popen=start_server)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """Some of the tests wait for ever when they fail."""

    def ring(*_):
        raise TimeoutError("%s still runs after %d s" % (item.name, TEST_DEADLINE_S))

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(TEST_DEADLINE_S)
    yield
    signal.alarm(0)
