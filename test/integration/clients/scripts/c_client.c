/*
 * Walks Apache's C client through its work, against three servers. Prints one line for each fact it finds; where it prints
 * "kill PORT" or "restart PORT" it waits for a line on standard input.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

enum { SESSION_MS = 10000, DEADLINE_S = 30, REQUESTS = 6000, EVENTS_MAX = 64 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* Waits, with the mutex held, until *value has reached the least. */
static void wait_for(const char *what, const volatile int *value, int least) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DEADLINE_S;
    while (*value < least) {
        if (pthread_cond_timedwait(&changed, &mutex, &until) != 0) {
            printf("waited in vain for %s: %d of %d\n", what, *value, least);
            exit(1);
        }
    }
}

/* The states and events that one handle has heard of. */
struct heard {
    volatile int connections;
    volatile int losses;
    volatile int expiries;
    volatile int count;
    char events[EVENTS_MAX][128];
};

static const char *name_of(int type) {
    if (type == ZOO_CREATED_EVENT) return "created";
    if (type == ZOO_DELETED_EVENT) return "deleted";
    if (type == ZOO_CHANGED_EVENT) return "changed";
    if (type == ZOO_CHILD_EVENT) return "child";
    return "other";
}

static void hear(zhandle_t *handle, int type, int state, const char *path, void *context) {
    struct heard *heard = context != NULL ? context : (void *)zoo_get_context(handle);
    if (heard == NULL) return;
    pthread_mutex_lock(&mutex);
    if (type == ZOO_SESSION_EVENT) {
        /* Watches hear of the session too; only the handle's own watcher has no context of its own. */
        if (context == NULL || context == zoo_get_context(handle)) {
            if (state == ZOO_CONNECTED_STATE) heard->connections++;
            else if (state == ZOO_CONNECTING_STATE) heard->losses++;
            else if (state == ZOO_EXPIRED_SESSION_STATE) heard->expiries++;
        }
    } else if (heard->count < EVENTS_MAX) {
        snprintf(heard->events[heard->count], sizeof heard->events[0], "%s %s", name_of(type), path);
        heard->count++;
    }
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static int by_text(const void *one, const void *other) { return strcmp(one, other); }

/* Prints as many events, sorted, and how many there are besides. */
static void say_events(const char *topic, struct heard *heard, int count) {
    pthread_mutex_lock(&mutex);
    wait_for(topic, &heard->count, count);
    qsort(heard->events, heard->count, sizeof heard->events[0], by_text);
    printf("%s:", topic);
    for (int index = 0; index < heard->count; index++) printf(" %s,", heard->events[index]);
    printf(" %d\n", heard->count);
    heard->count = 0;
    pthread_mutex_unlock(&mutex);
}

static zhandle_t *connected(const char *hosts, const clientid_t *id, struct heard *heard) {
    zhandle_t *handle = zookeeper_init(hosts, hear, SESSION_MS, id, heard, 0);
    pthread_mutex_lock(&mutex);
    wait_for("a connection", &heard->connections, 1);
    pthread_mutex_unlock(&mutex);
    return handle;
}

/* What others have written before is there for it to see. */
static volatile int synced;
static void on_synced(int code, const char *path, const void *data) {
    (void)code, (void)path, (void)data;
    pthread_mutex_lock(&mutex);
    synced++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}
static void catch_up(zhandle_t *handle) {
    synced = 0;
    zoo_async(handle, "/", on_synced, NULL);
    pthread_mutex_lock(&mutex);
    wait_for("sync", &synced, 1);
    pthread_mutex_unlock(&mutex);
}

static void say(const char *topic, int code) { printf("%s: %s\n", topic, zerror(code)); }

static int make(zhandle_t *handle, const char *path, int mode) {
    return zoo_create(handle, path, "x", 1, &ZOO_OPEN_ACL_UNSAFE, mode, NULL, 0);
}

static void everyday(zhandle_t *handle) {
    char path[256], data[16];
    struct Stat stat;
    struct String_vector children;
    struct ACL_vector acl;
    int size = sizeof data;
    say("create", make(handle, "/c", 0));
    say("again", make(handle, "/c", 0));
    say("no parent", make(handle, "/no/c", 0));
    int modes[] = {ZOO_PERSISTENT, ZOO_EPHEMERAL, ZOO_PERSISTENT_SEQUENTIAL, ZOO_EPHEMERAL_SEQUENTIAL, ZOO_CONTAINER,
                   ZOO_PERSISTENT_WITH_TTL, ZOO_PERSISTENT_SEQUENTIAL_WITH_TTL};
    for (size_t index = 0; index < sizeof modes / sizeof modes[0]; index++) {
        char name[32];
        snprintf(name, sizeof name, "/c/mode%zu-", index);
        int isTtl = index >= 5;
        int code = zoo_create2_ttl(handle, name, "12", 2, &ZOO_OPEN_ACL_UNSAFE, modes[index], isTtl ? 60000 : -1, path, sizeof path, &stat);
        printf("mode: %s %s %d %d\n", zerror(code), path, stat.dataLength, stat.ephemeralOwner == zoo_client_id(handle)->client_id);
    }
    printf("set: %s", zerror(zoo_set2(handle, "/c", NULL, -1, 0, &stat)));
    printf(" %d, %s\n", stat.version, zerror(zoo_set(handle, "/c", "y", 1, 0)));
    printf("get null: %s", zerror(zoo_get(handle, "/c", 0, data, &size, &stat)));
    printf(" %d %d\n", size, stat.dataLength);
    printf("children: %s", zerror(zoo_get_children2(handle, "/c", 0, &children, &stat)));
    printf(" %d %d\n", children.count, stat.numChildren);
    deallocate_String_vector(&children);
    printf("acl: %s", zerror(zoo_get_acl(handle, "/c", &acl, &stat)));
    printf(" %d %s %s\n", acl.data[0].perms, acl.data[0].id.scheme, acl.data[0].id.id);
    deallocate_ACL_vector(&acl);
    say("stale acl", zoo_set_acl(handle, "/c", 5, &ZOO_READ_ACL_UNSAFE));
    say("delete full", zoo_delete(handle, "/c", -1));
    say("delete stale", zoo_delete(handle, "/c/mode0-", 7));
    say("delete", zoo_delete(handle, "/c/mode0-", 0));
    say("exists", zoo_exists(handle, "/c/mode0-", 0, NULL));
}

static void transactions(zhandle_t *handle) {
    char first[64], second[64];
    struct Stat stat;
    zoo_op_t ops[4];
    zoo_op_result_t results[4];
    zoo_create_op_init(&ops[0], "/c/multi", "x", 1, &ZOO_OPEN_ACL_UNSAFE, 0, first, sizeof first);
    zoo_set_op_init(&ops[1], "/c/multi", "y", 1, 0, &stat);
    zoo_check_op_init(&ops[2], "/c/multi", 1);
    zoo_create_op_init(&ops[3], "/c/multi/s-", "x", 1, &ZOO_OPEN_ACL_UNSAFE, ZOO_SEQUENCE, second, sizeof second);
    printf("multi: %s", zerror(zoo_multi(handle, 4, ops, results)));
    printf(" %s %d %s\n", first, stat.version, second);
    zoo_create_op_init(&ops[0], "/c/undone", "x", 1, &ZOO_OPEN_ACL_UNSAFE, 0, first, sizeof first);
    zoo_delete_op_init(&ops[1], "/c/nothing", -1);
    zoo_delete_op_init(&ops[2], "/c/multi", -1);
    printf("failed multi: %s", zerror(zoo_multi(handle, 3, ops, results)));
    printf(" %d %d %d, %s\n", results[0].err, results[1].err, results[2].err, zerror(zoo_exists(handle, "/c/undone", 0, NULL)));
}

/* Thousands of requests without waiting: the answers come in their order, and each read sees the write before it. */
static volatile int answered, wrong;
static void answer(int isRight, const void *index) {
    pthread_mutex_lock(&mutex);
    if (!isRight || (long)index != answered) wrong++;
    answered++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}
static void on_created(int code, const char *path, const void *index) { answer(code == ZOK && path != NULL, index); }
static void on_read(int code, const char *value, int size, const struct Stat *stat, const void *index) {
    (void)stat;
    answer(code == ZOK && size > 0 && strtol(value, NULL, 10) == (long)index - 1, index);
}
static void on_refused(int code, const void *index) { answer(code == ZNONODE, index); }

static void pipeline(zhandle_t *handle) {
    char path[64], data[32];
    make(handle, "/c/many", 0);
    for (long index = 0; index < REQUESTS; index++) {
        snprintf(path, sizeof path, "/c/many/%ld", index - index % 3);
        int size = snprintf(data, sizeof data, "%ld ", index);
        int code = index % 3 == 0   ? zoo_acreate(handle, path, data, size, &ZOO_OPEN_ACL_UNSAFE, 0, on_created, (void *)index)
                   : index % 3 == 1 ? zoo_aget(handle, path, 0, on_read, (void *)index)
                                    : zoo_adelete(handle, "/c/many/nothing", -1, on_refused, (void *)index);
        if (code != ZOK) wrong++;
    }
    pthread_mutex_lock(&mutex);
    wait_for("the answers", &answered, REQUESTS);
    pthread_mutex_unlock(&mutex);
    printf("pipeline: %d %d\n", answered, wrong);
}

static void watches(zhandle_t *handle, zhandle_t *other) {
    struct heard data = {0}, children = {0}, later = {0};
    struct String_vector names;
    char value[16];
    int size = sizeof value;
    make(handle, "/c/w", 0);
    zoo_wget(handle, "/c/w", hear, &data, value, &size, NULL);
    zoo_wget_children(handle, "/c/w", hear, &children, &names);
    deallocate_String_vector(&names);
    say("not yet", zoo_wexists(handle, "/c/w/later", hear, &later, NULL));
    catch_up(other);
    zoo_set(other, "/c/w", "1", 1, -1);
    zoo_set(other, "/c/w", "2", 1, -1);
    make(other, "/c/w/later", 0);
    say_events("data watch", &data, 1);
    say_events("child watch", &children, 1);
    say_events("exists watch", &later, 1);
    zoo_wexists(handle, "/c/w/later", hear, &later, NULL);
    zoo_delete(other, "/c/w/later", -1);
    say_events("deletion", &later, 1);
    size = sizeof value;
    zoo_wget(handle, "/c/w", hear, &data, value, &size, NULL);
    say("remove", zoo_remove_watches(handle, "/c/w", ZWATCHTYPE_DATA, hear, &data, 0));
    say("remove again", zoo_remove_watches(handle, "/c/w", ZWATCHTYPE_DATA, hear, &data, 0));
}

static volatile int vouched;
static void on_vouched(int code, const void *data) {
    (void)data;
    pthread_mutex_lock(&mutex);
    vouched += code == ZOK ? 1 : 1000;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void identities(zhandle_t *handle, zhandle_t *stranger) {
    char value[16];
    int size = sizeof value;
    zoo_add_auth(handle, "digest", "c:secret", 8, on_vouched, NULL);
    pthread_mutex_lock(&mutex);
    wait_for("auth", &vouched, 1);
    pthread_mutex_unlock(&mutex);
    printf("auth: %d\n", vouched);
    say("mine", zoo_create(handle, "/c/mine", "m", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0));
    catch_up(stranger);
    say("stranger reads", zoo_get(stranger, "/c/mine", 0, value, &size, NULL));
    say("stranger writes", zoo_set(stranger, "/c/mine", "x", 1, -1));
    say("stranger creates", make(stranger, "/c/mine/x", 0));
    say("creator of nothing", zoo_create(stranger, "/c/none", "m", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0));
}

static int port_of(zhandle_t *handle) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    struct sockaddr *host = zookeeper_get_connected_host(handle, (struct sockaddr *)&address, &size);
    return host == NULL ? 0 : ntohs(((struct sockaddr_in *)host)->sin_port);
}

/* Its server dies: the session, its ephemeral, watch and identity go on with another one. */
static void dead_server(const char *hosts) {
    char line[64], value[16];
    int size = sizeof value;
    struct heard states = {0}, data = {0};
    zhandle_t *handle = connected(hosts, NULL, &states);
    clientid_t id = *zoo_client_id(handle);
    vouched = 0;
    zoo_add_auth(handle, "digest", "c:secret", 8, on_vouched, NULL);
    make(handle, "/c/alive", ZOO_EPHEMERAL);
    zoo_wget(handle, "/c/alive", hear, &data, value, &size, NULL);
    int port = port_of(handle);
    printf("kill %d\n", port);
    if (fgets(line, sizeof line, stdin) == NULL) exit(1);
    pthread_mutex_lock(&mutex);
    wait_for("another server", &states.connections, 2);
    pthread_mutex_unlock(&mutex);
    printf("moved: %d %d\n", zoo_client_id(handle)->client_id == id.client_id, port_of(handle) != port);
    size = sizeof value;
    say("identity", zoo_get(handle, "/c/mine", 0, value, &size, NULL));
    say("ephemeral", zoo_set(handle, "/c/alive", "2", 1, 0));
    say_events("watch", &data, 1);
    printf("restart %d\n", port);
    if (fgets(line, sizeof line, stdin) == NULL) exit(1);
    zookeeper_close(handle);
}

/* The same session on another server; when it is closed there, the first has none any more. */
static void reattached(const char *one, const char *two, const char *hosts) {
    struct heard first = {0}, second = {0}, third = {0};
    zhandle_t *handle = connected(one, NULL, &first);
    make(handle, "/c/session", ZOO_EPHEMERAL);
    clientid_t id = *zoo_client_id(handle);
    zhandle_t *again = connected(two, &id, &second);
    catch_up(again);
    printf("reattached: %d\n", zoo_client_id(again)->client_id == id.client_id);
    say("its own", zoo_exists(again, "/c/session", 0, NULL));
    say("closed", zookeeper_close(again));
    pthread_mutex_lock(&mutex);
    wait_for("the end of the session", &first.expiries, 1);
    pthread_mutex_unlock(&mutex);
    say("expired", zoo_exists(handle, "/c", 0, NULL));
    zookeeper_close(handle);
    zhandle_t *late = zookeeper_init(hosts, hear, SESSION_MS, &id, &third, 0);
    pthread_mutex_lock(&mutex);
    wait_for("a refusal", &third.expiries, 1);
    pthread_mutex_unlock(&mutex);
    printf("refused: %d\n", is_unrecoverable(late) == ZINVALIDSTATE);
    zookeeper_close(late);
}

int main(int count, char **words) {
    if (count != 2) return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    zoo_set_debug_level(0);
    char servers[512], *rest = servers;
    snprintf(servers, sizeof servers, "%s", words[1]);
    const char *one = strsep(&rest, ","), *two = strsep(&rest, ",");
    struct heard mine = {0}, others = {0};
    zhandle_t *handle = connected(one, NULL, &mine), *other = connected(two, NULL, &others);
    everyday(handle);
    transactions(handle);
    pipeline(handle);
    watches(handle, other);
    identities(handle, other);
    reattached(one, two, words[1]);
    dead_server(words[1]);
    zookeeper_close(handle);
    zookeeper_close(other);
    puts("done");
    return 0;
}
