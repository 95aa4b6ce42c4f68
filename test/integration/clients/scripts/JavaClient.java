import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

/**
 * Walks Apache's own Java client through its API, against three servers. Prints one line for each fact it finds; where it
 * prints "kill PORT" or "restart PORT" it waits on standard input until that has been done.
 */
public final class JavaClient {
    private static final int SESSION_MS = 10_000;
    private static final int DEADLINE_S = 30;
    private static final List<ACL> OPEN = Ids.OPEN_ACL_UNSAFE;

    private interface Call {
        Object run() throws Exception;
    }

    /** Events, in the order of their arrival: of sessions when it watches one, else of znodes. */
    private static final class Heard implements Watcher {
        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final boolean isOfSession;

        Heard() {
            this(false);
        }

        Heard(boolean isOfSession) {
            this.isOfSession = isOfSession;
        }

        @Override
        public void process(WatchedEvent event) {
            boolean isState = event.getType() == Event.EventType.None;
            if (isState == isOfSession) events.add(isState ? event.getState().toString() : event.getType() + " " + event.getPath());
        }

        List<String> take(int count) throws Exception {
            List<String> taken = new ArrayList<>();
            while (taken.size() < count) {
                String event = events.poll(DEADLINE_S, TimeUnit.SECONDS);
                if (event == null) throw new IllegalStateException("waited in vain for event " + count + " after " + taken);
                taken.add(event);
            }
            return taken;
        }

        List<String> sorted(int count) throws Exception {
            List<String> taken = take(count);
            Collections.sort(taken);
            return taken;
        }

        int left() {
            return events.size();
        }
    }

    private static void say(String topic, Object... facts) {
        StringBuilder line = new StringBuilder(topic).append(':');
        for (Object fact : facts) line.append(' ').append(fact instanceof byte[] ? new String((byte[]) fact) : fact);
        System.out.println(line);
    }

    private static Object outcome(Call call) throws Exception {
        try {
            Object result = call.run();
            return result instanceof byte[] ? new String((byte[]) result) : result;
        } catch (KeeperException error) {
            return error.code() + (error.getPath() == null ? "" : " " + error.getPath());
        }
    }

    private static ZooKeeper connect(String hosts) throws Exception {
        Heard states = new Heard(true);
        ZooKeeper client = new ZooKeeper(hosts, SESSION_MS, states);
        states.take(1);
        return client;
    }

    /** What others have written before is there for it to see. */
    private static void catchUp(ZooKeeper client) throws Exception {
        CompletableFuture<Integer> synced = new CompletableFuture<>();
        client.sync("/", (code, path, context) -> synced.complete(code), null);
        synced.get(DEADLINE_S, TimeUnit.SECONDS);
    }

    private static byte[] bytes(String text) {
        return text.getBytes();
    }

    private static String put(ZooKeeper client, String path) throws Exception {
        return client.create(path, bytes("x"), OPEN, CreateMode.PERSISTENT);
    }

    private static List<String> childrenOf(ZooKeeper client, String path) throws Exception {
        List<String> children = client.getChildren(path, false);
        Collections.sort(children);
        return children;
    }

    private static void everyday(ZooKeeper client) throws Exception {
        put(client, "/java");
        for (CreateMode mode : CreateMode.values()) {
            long ttlMs = mode.isTTL() ? 60_000 : -1;
            Stat stat = new Stat();
            String path = client.create("/java/" + mode.name().toLowerCase() + "-", bytes("1"), OPEN, mode, stat, ttlMs);
            say("create", mode, path, stat.getVersion(), stat.getDataLength(), stat.getEphemeralOwner() == client.getSessionId());
        }
        say("children", childrenOf(client, "/java"));
        say("all below", client.getAllChildrenNumber("/java"));
        List<String> ephemerals = client.getEphemerals("/java/ephemeral");
        Collections.sort(ephemerals);
        say("ephemerals", ephemerals);
        say("below an ephemeral", outcome(() -> put(client, "/java/ephemeral-/x")));
        say("no parent", outcome(() -> put(client, "/java/no/x")));
        say("again", outcome(() -> put(client, "/java")));
        Stat stat = client.setData("/java", null, 0);
        say("null data", client.getData("/java", false, stat), stat.getVersion(), stat.getCversion(), stat.getDataLength());
        client.setData("/java", new byte[0], 1);
        say("empty data", client.getData("/java", false, stat).length);
        say("stale", outcome(() -> client.setData("/java", null, 0)), outcome(() -> client.setData("/nothing", null, 0)));
        say("delete", outcome(() -> { client.delete("/java", -1); return null; }), outcome(() -> { client.delete("/java/x", -1); return null; }));
        say("exists", client.exists("/nothing", false), client.exists("/java", false).getNumChildren());
        String name = "/java/\u00fcml\u00e4ut \u5bf6";
        say("any name", put(client, name).equals(name), client.getChildren("/java", false).contains(name.substring(6)));
    }

    private static String asText(OpResult result) {
        if (result instanceof OpResult.CreateResult) {
            OpResult.CreateResult created = (OpResult.CreateResult) result;
            return "created " + created.getPath() + (created.getStat() == null ? "" : " with its stat");
        }
        if (result instanceof OpResult.SetDataResult) return "set " + ((OpResult.SetDataResult) result).getStat().getVersion();
        if (result instanceof OpResult.ErrorResult) return "error " + KeeperException.Code.get(((OpResult.ErrorResult) result).getErr());
        if (result instanceof OpResult.GetDataResult) return "data " + new String(((OpResult.GetDataResult) result).getData());
        if (result instanceof OpResult.GetChildrenResult) return "children " + ((OpResult.GetChildrenResult) result).getChildren();
        return result.getClass().getSimpleName();
    }

    private static List<String> asText(List<OpResult> results) {
        List<String> texts = new ArrayList<>();
        for (OpResult result : results) texts.add(asText(result));
        return texts;
    }

    private static void transactions(ZooKeeper client) throws Exception {
        put(client, "/java/multi");
        say("multi", asText(client.multi(Arrays.asList(
            Op.create("/java/multi/a", bytes("1"), OPEN, CreateMode.PERSISTENT),
            Op.create("/java/multi/s-", bytes("1"), OPEN, CreateMode.PERSISTENT_SEQUENTIAL),
            Op.create("/java/multi/c", bytes("1"), OPEN, CreateMode.CONTAINER),
            Op.create("/java/multi/t", bytes("1"), OPEN, CreateMode.PERSISTENT_WITH_TTL, 60_000),
            Op.setData("/java/multi/a", bytes("2"), 0),
            Op.check("/java/multi/a", 1),
            Op.delete("/java/multi/c", -1)))));
        try {
            client.multi(Arrays.asList(
                Op.create("/java/multi/b", null, OPEN, CreateMode.PERSISTENT),
                Op.delete("/java/multi/nothing", -1),
                Op.check("/java/multi/a", 1)));
        } catch (KeeperException error) {
            say("failed multi", error.code(), asText(error.getResults()), client.exists("/java/multi/b", false));
        }
        say("empty multi", client.multi(Collections.emptyList()));
        say("reading multi", asText(client.multi(Arrays.asList(
            Op.getData("/java/multi/a"), Op.getChildren("/java/multi/a"), Op.getData("/java/multi/nothing")))));
        say("transaction", asText(client.transaction().setData("/java/multi/a", bytes("3"), -1).delete("/java/multi/t", 0).commit()));
    }

    /** Requests do not wait for answers; answers come in the order of the requests, each newer than the one before. */
    private static void pipeline(ZooKeeper client, ZooKeeper other) throws Exception {
        int count = 3_000;
        put(client, "/java/many");
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Void> done = new CompletableFuture<>();
        int[] wrong = {0};
        for (int index = 0; index < count; index++) {
            Integer tag = index;
            if (index % 3 == 0) {
                client.create("/java/many/" + index, bytes("" + index), OPEN, CreateMode.PERSISTENT, (code, path, context, name) -> {
                    order.add((Integer) context);
                    if (code != 0) wrong[0]++;
                }, tag);
            } else if (index % 3 == 1) {
                // It reads what the request before it has written, though that has not been answered yet.
                client.getData("/java/many/" + (index - 1), false, (code, path, context, data, stat) -> {
                    order.add((Integer) context);
                    if (code != 0 || !new String(data).equals("" + (((Integer) context) - 1))) wrong[0]++;
                }, tag);
            } else {
                client.delete("/java/many/nothing", -1, (code, path, context) -> {
                    order.add((Integer) context);
                    if (code != KeeperException.Code.NONODE.intValue()) wrong[0]++;
                    if (context.equals(count - 1)) done.complete(null);
                }, tag);
            }
        }
        done.get(DEADLINE_S, TimeUnit.SECONDS);
        boolean inOrder = true;
        for (int index = 0; index < count; index++) inOrder &= order.get(index) == index;
        say("pipeline", order.size(), inOrder, wrong[0]);
        CompletableFuture<String> synced = new CompletableFuture<>();
        other.sync("/java/many", (code, path, context) -> synced.complete(code + " " + path), null);
        say("sync", synced.get(DEADLINE_S, TimeUnit.SECONDS), other.getChildren("/java/many", false).size());
    }

    private static void watches(ZooKeeper client, ZooKeeper other) throws Exception {
        put(client, "/java/w");
        put(client, "/java/w/kid");
        Heard once = new Heard();
        client.getData("/java/w", once, null);
        client.exists("/java/w", once);
        client.getChildren("/java/w", once);
        client.exists("/java/w/later", once);
        other.setData("/java/w", bytes("1"), -1);
        other.setData("/java/w", bytes("2"), -1);
        put(other, "/java/w/later");
        say("once", once.sorted(3), once.left());
        client.getData("/java/w/later", once, null);
        client.getChildren("/java/w/later", once);
        other.delete("/java/w/later", -1);
        say("one deletion", once.take(1), once.left());

        Heard persistent = new Heard();
        Heard recursive = new Heard();
        client.addWatch("/java/w", persistent, AddWatchMode.PERSISTENT);
        other.addWatch("/java/w", recursive, AddWatchMode.PERSISTENT_RECURSIVE);
        other.addWatch("/java/unborn", recursive, AddWatchMode.PERSISTENT_RECURSIVE);
        put(other, "/java/w/new");
        put(other, "/java/w/new/deep");
        other.setData("/java/w", bytes("3"), -1);
        other.setData("/java/w", bytes("4"), -1);
        other.setData("/java/w/kid", bytes("5"), -1);
        put(other, "/java/unborn");
        say("persistent", persistent.take(3));
        say("recursive", recursive.take(6));
        other.multi(Arrays.asList(
            Op.create("/java/w/m", null, OPEN, CreateMode.PERSISTENT), Op.setData("/java/w/m", null, 0), Op.delete("/java/w/m", 1)));
        say("of a multi", recursive.take(3), persistent.take(2));

        client.removeWatches("/java/w", persistent, Watcher.WatcherType.Any, false);
        say("removed", persistent.take(1), outcome(() -> { client.removeWatches("/java/w", persistent, Watcher.WatcherType.Any, false); return null; }));
        other.removeAllWatches("/java/w", Watcher.WatcherType.Any, false);
        say("all removed", recursive.take(1));
        other.setData("/java/w", bytes("6"), -1);
        catchUp(client);
        client.getData("/java/w", once, null);
        client.removeWatches("/java/w", once, Watcher.WatcherType.Data, true);
        say("data watch removed", once.take(1), persistent.left(), recursive.left());
    }

    private static void acls(ZooKeeper client, ZooKeeper stranger) throws Exception {
        String digest = DigestAuthenticationProvider.generateDigest("java:secret");
        ACL mine = new ACL(Perms.ALL, new Id("digest", digest));
        ACL readers = new ACL(Perms.READ, Ids.ANYONE_ID_UNSAFE);
        say("not known", outcome(() -> client.create("/java/acl", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT)));
        client.addAuthInfo("digest", bytes("java:secret"));
        client.create("/java/acl", bytes("1"), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        Stat stat = new Stat();
        say("acl", client.getACL("/java/acl", stat).equals(Arrays.asList(mine)), stat.getAversion());
        say("who am I", client.whoAmI().size(), stranger.whoAmI().size());
        catchUp(stranger);
        say("stranger", outcome(() -> stranger.getData("/java/acl", false, null)), outcome(() -> stranger.setData("/java/acl", null, -1)),
            outcome(() -> stranger.getACL("/java/acl", null)));
        say("set", client.setACL("/java/acl", Arrays.asList(mine, readers), 0).getAversion());
        say("stale", outcome(() -> client.setACL("/java/acl", Arrays.asList(mine), 0)));
        say("none", outcome(() -> client.setACL("/java/acl", Collections.emptyList(), -1)));
        catchUp(stranger);
        say("reader", outcome(() -> stranger.getData("/java/acl", false, null)), outcome(() -> stranger.setData("/java/acl", null, -1)),
            outcome(() -> put(stranger, "/java/acl/x")), outcome(() -> stranger.getACL("/java/acl", null).get(0).getId().getId()));
        ACL elsewhere = new ACL(Perms.ALL, new Id("ip", "10.1.0.0/16"));
        client.create("/java/ip", null, Arrays.asList(elsewhere), CreateMode.PERSISTENT);
        say("by address", outcome(() -> client.getData("/java/ip", false, null)));
    }

    private static void roots(String hosts) throws Exception {
        ZooKeeper lost = connect(hosts + "/java/root");
        say("root missing", outcome(() -> put(lost, "/a")), outcome(() -> lost.create("/", null, OPEN, CreateMode.PERSISTENT)));
        Heard heard = new Heard();
        lost.exists("/a", heard);
        say("root there", put(lost, "/a"), childrenOf(lost, "/"), heard.take(1));
        say("in a multi", asText(lost.multi(Arrays.asList(Op.create("/b", null, OPEN, CreateMode.PERSISTENT_SEQUENTIAL)))));
        lost.close();
    }

    /** A frame may have jute.maxbuffer bytes, 1 MiB - 1 by default; setData has 20 beside its path and data. */
    private static void largest(String hosts) throws Exception {
        String path = "/java/large";
        ZooKeeper client = connect(hosts);
        put(client, path);
        int size = 0xfffff - 20 - path.length();
        say("largest", client.setData(path, new byte[size], -1).getDataLength() == size);
        say("too large", outcome(() -> client.setData(path, new byte[size + 1], -1)));
        client.close();
        ZooKeeper reader = connect(hosts);
        reader.setData(path, new byte[1_000_000], -1);
        say("read", reader.getData(path, false, null).length);
        reader.delete(path, -1);
        reader.close();
    }

    private static void sessions(List<String> servers, String hosts) throws Exception {
        Heard states = new Heard(true);
        ZooKeeper first = new ZooKeeper(servers.get(0), SESSION_MS, states);
        states.take(1);
        first.create("/java/mine", null, OPEN, CreateMode.EPHEMERAL);
        say("timeout", first.getSessionTimeout());

        // The same session on another server; when it is closed there, the first has no session any more.
        Heard again = new Heard(true);
        ZooKeeper second = new ZooKeeper(servers.get(1), SESSION_MS, again, first.getSessionId(), first.getSessionPasswd());
        say("reattached", again.take(1));
        catchUp(second);
        say("its own", second.getSessionId() == first.getSessionId(),
            second.exists("/java/mine", false).getEphemeralOwner() == first.getSessionId());
        second.close();
        say("closed elsewhere", states.take(2), first.getState());
        say("a call", outcome(() -> first.exists("/java", false)));

        Heard refused = new Heard(true);
        ZooKeeper thief = new ZooKeeper(hosts, SESSION_MS, refused, first.getSessionId(), first.getSessionPasswd());
        say("a session that was", refused.take(1), thief.getState());
        // On another server than the owner's: Apache ends the owner's connection before it looks at the password.
        ZooKeeper owner = connect(servers.get(0));
        Heard wrong = new Heard(true);
        ZooKeeper guesser = new ZooKeeper(servers.get(1), SESSION_MS, wrong, owner.getSessionId(), new byte[16]);
        say("wrong password", wrong.take(1), guesser.getState(), owner.exists("/java/mine", false));
        owner.close();

        for (int timeoutMs : new int[] {500, 3_000, 1_000_000}) {
            Heard connected = new Heard(true);
            ZooKeeper asking = new ZooKeeper(hosts, timeoutMs, connected, true);
            connected.take(1);
            say("timeout", timeoutMs, asking.getSessionTimeout(), asking.getState());
            asking.close();
            say("closed", connected.take(1));
        }
    }

    private static int portOf(ZooKeeper client) {
        String text = client.toString().replaceAll("(?s).*remoteserver:[^:]*:(\\d+).*", "$1");
        return Integer.parseInt(text);
    }

    private static void deadServer(String hosts, BufferedReader orders) throws Exception {
        Heard states = new Heard(true);
        ZooKeeper client = new ZooKeeper(hosts, SESSION_MS, states);
        states.take(1);
        client.addAuthInfo("digest", bytes("java:secret"));
        client.create("/java/alive", null, OPEN, CreateMode.EPHEMERAL);
        Heard heard = new Heard();
        client.getData("/java/w", heard, null);
        client.exists("/java/after", heard);
        client.addWatch("/java/w", heard, AddWatchMode.PERSISTENT_RECURSIVE);
        long session = client.getSessionId();
        int port = portOf(client);
        System.out.println("kill " + port);
        orders.readLine();
        say("moved", states.take(2), client.getSessionId() == session, portOf(client) != port);
        say("ephemeral", client.exists("/java/alive", false).getEphemeralOwner() == session);
        say("identity", outcome(() -> client.getData("/java/acl", false, null)));
        client.setData("/java/w", bytes("moved"), -1);
        put(client, "/java/after");
        put(client, "/java/w/after");
        say("watches", heard.sorted(3));
        client.setData("/java/w", bytes("again"), -1);
        say("for good", heard.take(1), heard.left());
        System.out.println("restart " + port);
        orders.readLine();
        client.close();
    }

    public static void main(String[] words) throws Exception {
        String hosts = words[0];
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
        List<String> servers = Arrays.asList(hosts.split(","));
        ZooKeeper client = connect(servers.get(0));
        ZooKeeper other = connect(servers.get(1));
        everyday(client);
        transactions(client);
        pipeline(client, other);
        watches(client, other);
        acls(client, other);
        roots(hosts);
        largest(hosts);
        sessions(servers, hosts);
        deadServer(hosts, orders);
        client.close();
        other.close();
        System.out.println("done");
        System.exit(0);
    }
}
