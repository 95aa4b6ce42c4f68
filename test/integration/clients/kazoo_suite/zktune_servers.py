"""A plugin for pytest: kazoo's own tests, which start and stop the servers of Apache ZooKeeper, get zktune's instead.

ZKTUNE_SERVER is the command line of a server, as a JSON list, to which the path of a zoo.cfg is added. Without it the
servers are Apache's, of ZOOKEEPER_CLASSPATH, as kazoo means it; so the same run can be made with both.

ZKTUNE_LEFT_OUT is a JSON list of files, classes and tests that are not run: pytest's own --deselect takes test_lock_one for
test_lock, too.
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
LEFT_OUT = json.loads(os.environ.get("ZKTUNE_LEFT_OUT", "[]"))
UP_DEADLINE_S = 60
END_DEADLINE_S = 20
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
        return Server(SERVER + [config], stdout=printed, stderr=printed)


# kazoo asks a server to end and waits for it as long as it takes, at the very end of the run as well, where no test's
# deadline would say so.
class Server(subprocess.Popen):
    def wait(self, timeout=None):
        try:
            return super().wait(END_DEADLINE_S if timeout is None else timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            super().wait()
            raise


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
        wait_for(lambda: ask(self, b"ruok") is not None or self.ended())

    def ended(self):
        """Ends the whole run when this server did not come up: every test would wait for it until its deadline."""
        if self.process.poll() is not None:
            printed = os.path.join(self.working_path, "printed")
            said = open(printed).read() if os.path.exists(printed) else ""
            pytest.exit("a server ended with %s instead of coming up: %s" % (self.process.returncode, said))
        return False


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


def pytest_collection_modifyitems(config, items):
    left_out = [item for item in items if any((item.nodeid + "::").startswith(each + "::") for each in LEFT_OUT)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def within_deadline(item):
    """Some of the tests wait for ever when they fail, and so may what they do to clean up: it rings until they end."""

    def ring(*_):
        raise TimeoutError("%s still runs after %d s" % (item.name, TEST_DEADLINE_S))

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, TEST_DEADLINE_S, TEST_DEADLINE_S)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    yield from within_deadline(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    yield from within_deadline(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item):
    yield from within_deadline(item)
