/*
 * A load generator with next to nothing in it, to measure ours against: ZooKeeper's protocol by hand, plain sockets, epoll, one
 * thread. Gets and sets on znodes of one size, in a closed loop (sessions x in flight) or in an open one (a rate,
 * latency from when a request was due). Prints one JSON document.
 *
 *   gcc -O2 -Wall -Wextra -o lean lean.c
 *   ./lean 127.0.0.1:2181,127.0.0.1:2182 sessions=16 inflight=16 get=50 set=50 value=1024 keys=1000 warmup=2 seconds=10 [rate=5000]
 *
 * The znodes are as zktune makes them: /lean-<pid>/f<folder>/k<key>, 16 in a folder; they are deleted at the end.
 * Whatever goes wrong ends the program with a message: figures with errors in them compare nothing.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CREATE = 1, DELETE = 2, GET_DATA = 4, SET_DATA = 5, CLOSE_SESSION = -11 };
enum { OK = 0, NODE_EXISTS = -110, PING_XID = -2 };

#define SESSIONS_MAX 4096
#define HOSTS_MAX 16
#define FOLDER_SIZE 16
#define SESSION_TIMEOUT_MS 10000
#define UNANSWERED_MAX 10000
#define DRAIN_NS 5000000000LL
#define WINDOW 128

/* What a request is remembered by until its reply, oldest first: a session is answered in order. */
struct asked {
  int64_t due_ns;
  int64_t sent_ns;
};

struct session {
  int fd;
  int32_t xid;
  char *out;
  size_t out_size, out_capacity;
  char *in;
  size_t in_size, in_capacity;
  struct asked *ring;
  size_t ring_head, ring_count, ring_capacity;
};

static struct session sessions[SESSIONS_MAX];
static int session_count = 16, in_flight = 16, key_count = 1000;
static int get_weight = 50, set_weight = 50, value_size = 1024;
static double warmup_seconds = 2, measured_seconds = 10, rate = 0;
static struct sockaddr_in hosts[HOSTS_MAX];
static int host_count;
static char root[64], *value;
static int epoll_fd;

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("lean: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static uint64_t random_state = 88172645463325252ULL;

static uint32_t random_below(uint32_t limit) { /* xorshift64* */
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return (uint32_t)((random_state * 2685821657736338717ULL) >> 33) % limit;
}

/* Latencies in microseconds, in HdrHistogram's buckets of three significant digits: one a microsecond below 2,048, then 1,024 for
 * each doubling. */

#define BUCKETS 32768
static uint64_t buckets[BUCKETS], sample_count;
static int64_t sum_us, max_us;

static int bucket_of(int64_t us) {
  int shift = 0;
  while ((us >> shift) >= 2048) shift++;
  return shift * 1024 + (int)(us >> shift);
}

static int64_t lowest_of(int bucket) {
  if (bucket < 2048) return bucket;
  int shift = bucket / 1024 - 1;
  return (int64_t)(bucket - shift * 1024) << shift;
}

static void record(int64_t ns) {
  int64_t us = ns <= 0 ? 0 : (ns + 500) / 1000;
  if (us > 0x7fffffff) us = 0x7fffffff;
  buckets[bucket_of(us)]++;
  sample_count++;
  sum_us += us;
  if (us > max_us) max_us = us;
}

static int64_t percentile_us(double percent) {
  uint64_t above = (uint64_t)(sample_count * (100 - percent) / 100), seen = 0;
  for (int bucket = 0; bucket < BUCKETS; bucket++) {
    seen += buckets[bucket];
    if (seen < sample_count - above || seen == 0) continue;
    int64_t highest = lowest_of(bucket + 1) - 1;
    return highest < max_us ? highest : max_us;
  }
  return 0;
}

/* The bytes of a session. */

static char *grown(struct session *session, size_t more) {
  if (session->out_size + more > session->out_capacity) {
    session->out_capacity = (session->out_size + more) * 2;
    session->out = realloc(session->out, session->out_capacity);
    if (session->out == NULL) fail("no memory");
  }
  return session->out + session->out_size;
}

static void put_int(struct session *session, int32_t number) {
  uint32_t wire = htonl((uint32_t)number);
  memcpy(grown(session, 4), &wire, 4);
  session->out_size += 4;
}

static void put_bytes(struct session *session, const void *bytes, size_t size) {
  put_int(session, (int32_t)size);
  memcpy(grown(session, size), bytes, size);
  session->out_size += size;
}

static size_t begin_request(struct session *session, int32_t type) {
  size_t frame = session->out_size;
  put_int(session, 0);
  put_int(session, session->xid);
  put_int(session, type);
  session->xid = session->xid == 0x7fffffff ? 1 : session->xid + 1;
  return frame;
}

static void end_request(struct session *session, size_t frame) {
  uint32_t wire = htonl((uint32_t)(session->out_size - frame - 4));
  memcpy(session->out + frame, &wire, 4);
}

static int32_t int_at(const char *bytes) {
  uint32_t wire;
  memcpy(&wire, bytes, 4);
  return (int32_t)ntohl(wire);
}

static void remember(struct session *session, int64_t due_ns, int64_t sent_ns) {
  if (session->ring_count == session->ring_capacity) fail("more in flight than there is room for");
  size_t at = (session->ring_head + session->ring_count++) % session->ring_capacity;
  session->ring[at] = (struct asked){ due_ns, sent_ns };
}

static void watch_for_room(struct session *session, int is_wanted) {
  struct epoll_event event = { .events = EPOLLIN | (is_wanted ? EPOLLOUT : 0), .data.ptr = session };
  if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, session->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

/* All that was asked in one turn leaves in one write. */
static void flush(struct session *session) {
  size_t sent = 0;
  while (sent < session->out_size) {
    ssize_t size = send(session->fd, session->out + sent, session->out_size - sent, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) break;
    if (size < 0) fail("a connection broke: %s", strerror(errno));
    sent += (size_t)size;
  }
  if (sent == 0) return;
  memmove(session->out, session->out + sent, session->out_size - sent);
  session->out_size -= sent;
  watch_for_room(session, session->out_size > 0);
}

static void flush_all(void) {
  for (int index = 0; index < session_count; index++)
    if (sessions[index].out_size > 0) flush(&sessions[index]);
}

/* A blocking read of a whole frame, for what comes one after the other. */
static char *read_frame(struct session *session, int32_t *size) {
  static char frame[65536];
  char head[4];
  if (recv(session->fd, head, 4, MSG_WAITALL) != 4) fail("the server closed the connection");
  *size = int_at(head);
  if (*size < 0 || *size > (int32_t)sizeof frame) fail("a reply of %d bytes", *size);
  if (recv(session->fd, frame, (size_t)*size, MSG_WAITALL) != *size) fail("the server closed the connection");
  return frame;
}

static void connect_session(struct session *session, const struct sockaddr_in *host) {
  int on = 1;
  *session = (struct session){ .fd = socket(AF_INET, SOCK_STREAM, 0), .xid = 1 };
  if (session->fd < 0 || connect(session->fd, (const struct sockaddr *)host, sizeof *host) < 0)
    fail("%s:%d: %s", inet_ntoa(host->sin_addr), ntohs(host->sin_port), strerror(errno));
  setsockopt(session->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  session->ring_capacity = UNANSWERED_MAX + WINDOW;
  session->ring = calloc(session->ring_capacity, sizeof *session->ring);
  session->in_capacity = 1 << 20;
  session->in = malloc(session->in_capacity);
  /* int length, int version, long last zxid, int timeout, long session, buffer password, bool read-only */
  char handshake[49] = { 0 };
  uint32_t length = htonl(45), timeout = htonl(SESSION_TIMEOUT_MS), password = htonl(16);
  memcpy(handshake, &length, 4);
  memcpy(handshake + 16, &timeout, 4);
  memcpy(handshake + 28, &password, 4);
  if (send(session->fd, handshake, sizeof handshake, MSG_NOSIGNAL) != sizeof handshake) fail("%s", strerror(errno));
  int32_t size;
  char *reply = read_frame(session, &size);
  if (int_at(reply + 4) <= 0) fail("the server refused the session");
}

static void path_of(char *path, int key) { sprintf(path, "%s/f%d/k%d", root, key / FOLDER_SIZE, key); }

static void put_path(struct session *session, const char *path) { put_bytes(session, path, strlen(path)); }

/* Znodes are made, and deleted, through one session: many in flight, in order, so that parents come first. */

static void put_create(struct session *session, const char *path, const void *data, size_t size) {
  size_t frame = begin_request(session, CREATE);
  put_path(session, path);
  put_bytes(session, data, size);
  put_int(session, 1); /* one ACL: all for everybody */
  put_int(session, 31);
  put_path(session, "world");
  put_path(session, "anyone");
  put_int(session, 0);
  end_request(session, frame);
}

static void put_delete(struct session *session, const char *path) {
  size_t frame = begin_request(session, DELETE);
  put_path(session, path);
  put_int(session, -1);
  end_request(session, frame);
}

static void answered_one(struct session *session, int *unanswered) {
  int32_t size;
  char *reply = read_frame(session, &size);
  int32_t error = int_at(reply + 12);
  if (int_at(reply) == PING_XID) return;
  if (error != OK && error != NODE_EXISTS) fail("a znode could not be made or deleted: error %d", error);
  (*unanswered)--;
}

static void each_znode(struct session *session, int is_made) {
  int folders = (key_count + FOLDER_SIZE - 1) / FOLDER_SIZE, count = 1 + folders + key_count, unanswered = 0;
  char path[128];
  for (int step = 0; step < count; step++) {
    int index = is_made ? step : count - 1 - step;
    if (index == 0) strcpy(path, root);
    else if (index <= folders) sprintf(path, "%s/f%d", root, index - 1);
    else path_of(path, index - 1 - folders);
    if (!is_made) put_delete(session, path);
    else put_create(session, path, value, index > folders ? (size_t)value_size : 0);
    for (size_t sent = 0; sent < session->out_size;) {
      ssize_t size = send(session->fd, session->out + sent, session->out_size - sent, MSG_NOSIGNAL);
      if (size < 0) fail("%s", strerror(errno));
      sent += (size_t)size;
    }
    session->out_size = 0;
    if (++unanswered >= WINDOW) answered_one(session, &unanswered);
  }
  while (unanswered > 0) answered_one(session, &unanswered);
}

/* Its end, so that no session expires while somebody else measures. */
static void close_session(struct session *session) {
  end_request(session, begin_request(session, CLOSE_SESSION));
  if (send(session->fd, session->out, session->out_size, MSG_NOSIGNAL) < 0) fail("%s", strerror(errno));
  close(session->fd);
}

/* The load. */

static int64_t begin_ns, measure_ns, end_ns;
static int64_t due_count, unanswered_count, late_count;
static int next_session;

static void ask(struct session *session, int64_t due_ns, int64_t at_ns) {
  char path[128];
  int is_set = (int)random_below((uint32_t)(get_weight + set_weight)) >= get_weight;
  size_t frame = begin_request(session, is_set ? SET_DATA : GET_DATA);
  path_of(path, (int)random_below((uint32_t)key_count));
  put_path(session, path);
  if (is_set) {
    put_bytes(session, value, (size_t)value_size);
    put_int(session, -1);
  } else {
    grown(session, 1)[0] = 0; /* no watch */
    session->out_size++;
  }
  end_request(session, frame);
  remember(session, due_ns, at_ns);
  unanswered_count++;
}

static int64_t due_at(int64_t index) { return begin_ns + (int64_t)((double)index * 1e9 / rate); }

/* What is due by now and may leave. @returns when the next one is due */
static int64_t ask_due(int64_t at_ns) {
  int64_t due_ns = due_at(due_count);
  while (due_ns <= at_ns && due_ns < end_ns && unanswered_count < UNANSWERED_MAX) {
    if (at_ns - due_ns > 1000000) late_count++;
    ask(&sessions[next_session], due_ns, at_ns);
    next_session = (next_session + 1) % session_count;
    due_ns = due_at(++due_count);
  }
  return due_ns;
}

static void on_reply(struct session *session, const char *reply, int64_t at_ns) {
  if (int_at(reply) == PING_XID) return;
  int32_t error = int_at(reply + 12);
  if (error != OK) fail("a request failed: error %d", error);
  if (session->ring_count == 0) fail("a reply that nobody asked for");
  struct asked asked = session->ring[session->ring_head];
  session->ring_head = (session->ring_head + 1) % session->ring_capacity;
  session->ring_count--;
  unanswered_count--;
  if (rate > 0) {
    if (asked.due_ns >= measure_ns) record(at_ns - asked.due_ns);
  } else {
    if (at_ns >= measure_ns && at_ns < end_ns) record(at_ns - asked.sent_ns);
    if (at_ns < end_ns) ask(session, at_ns, at_ns);
  }
}

static void on_readable(struct session *session) {
  ssize_t size = recv(session->fd, session->in + session->in_size, session->in_capacity - session->in_size, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) fail("the server closed a connection");
  session->in_size += (size_t)size;
  int64_t at_ns = now_ns();
  size_t at = 0;
  while (session->in_size - at >= 4) {
    size_t length = (size_t)int_at(session->in + at);
    if (length + 4 > session->in_capacity) fail("a reply of %zu bytes", length);
    if (session->in_size - at < length + 4) break;
    on_reply(session, session->in + at + 4, at_ns);
    at += length + 4;
  }
  memmove(session->in, session->in + at, session->in_size - at);
  session->in_size -= at;
}

static void run(void) {
  struct epoll_event events[256];
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct epoll_event tick = { .events = EPOLLIN, .data.ptr = NULL };
  if (timer < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer, &tick) < 0) fail("timerfd: %s", strerror(errno));
  begin_ns = now_ns();
  measure_ns = begin_ns + (int64_t)(warmup_seconds * 1e9);
  end_ns = measure_ns + (int64_t)(measured_seconds * 1e9);
  int64_t next_ns = end_ns;
  if (rate > 0) next_ns = ask_due(begin_ns);
  else
    for (int index = 0; index < session_count; index++)
      for (int count = 0; count < in_flight; count++) ask(&sessions[index], begin_ns, begin_ns);
  flush_all();
  for (;;) {
    int64_t at_ns = now_ns();
    if (at_ns >= end_ns && unanswered_count == 0) break;
    if (at_ns >= end_ns + DRAIN_NS) fail("%lld requests were not answered", (long long)unanswered_count);
    int64_t wake_ns = at_ns < end_ns ? (next_ns < end_ns ? next_ns : end_ns) : end_ns + DRAIN_NS;
    struct itimerspec when = { .it_value = { wake_ns / 1000000000LL, wake_ns % 1000000000LL } };
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
    int count = epoll_wait(epoll_fd, events, 256, -1);
    for (int index = 0; index < count; index++) {
      struct session *session = events[index].data.ptr;
      uint64_t expirations;
      if (session == NULL) {
        if (read(timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) fail("%s", strerror(errno));
      } else {
        if (events[index].events & EPOLLOUT) flush(session);
        if (events[index].events & ~EPOLLOUT) on_readable(session);
      }
    }
    if (rate > 0) next_ns = ask_due(now_ns());
    flush_all();
  }
}

static void read_hosts(char *text) {
  for (char *host = strtok(text, ","); host != NULL; host = strtok(NULL, ",")) {
    char *colon = strchr(host, ':');
    if (colon == NULL || host_count == HOSTS_MAX) fail("\"%s\" is not host:port", host);
    *colon = 0;
    hosts[host_count].sin_family = AF_INET;
    hosts[host_count].sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, host, &hosts[host_count].sin_addr) != 1) fail("\"%s\" is no IPv4 address", host);
    host_count++;
  }
}

static void read_option(const char *option) {
  static const struct {
    const char *name;
    int *whole;
    double *real;
  } known[] = { { "sessions", &session_count, NULL }, { "inflight", &in_flight, NULL }, { "get", &get_weight, NULL },
                { "set", &set_weight, NULL },         { "value", &value_size, NULL },   { "keys", &key_count, NULL },
                { "warmup", NULL, &warmup_seconds },  { "seconds", NULL, &measured_seconds }, { "rate", NULL, &rate } };
  const char *equals = strchr(option, '=');
  for (size_t index = 0; equals != NULL && index < sizeof known / sizeof *known; index++) {
    size_t length = strlen(known[index].name);
    if ((size_t)(equals - option) != length || strncmp(option, known[index].name, length) != 0) continue;
    if (known[index].whole != NULL) *known[index].whole = atoi(equals + 1);
    else *known[index].real = atof(equals + 1);
    return;
  }
  fail("unknown option \"%s\"", option);
}

int main(int count, char **arguments) {
  if (count < 2) fail("usage: lean HOST:PORT,... [sessions=16] [inflight=16] [get=50] [set=50] [value=1024] [keys=1000] "
                      "[warmup=2] [seconds=10] [rate=0]");
  read_hosts(arguments[1]);
  for (int index = 2; index < count; index++) read_option(arguments[index]);
  if (session_count < 1 || session_count > SESSIONS_MAX || in_flight < 1 || in_flight > UNANSWERED_MAX || key_count < 1 ||
      get_weight < 0 || set_weight < 0 || get_weight + set_weight < 1 || value_size < 0 || measured_seconds <= 0)
    fail("an option is out of range");
  random_state ^= (uint64_t)getpid() << 32;
  sprintf(root, "/lean-%d", (int)getpid());
  value = malloc((size_t)value_size + 1);
  for (int index = 0; index < value_size; index++) value[index] = (char)random_below(256);

  struct session maker;
  connect_session(&maker, &hosts[0]);
  each_znode(&maker, 1);
  epoll_fd = epoll_create1(0);
  for (int index = 0; index < session_count; index++) {
    struct session *session = &sessions[index];
    connect_session(session, &hosts[index % host_count]);
    fcntl(session->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = session };
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, session->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
  }
  close_session(&maker);
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  run();
  getrusage(RUSAGE_SELF, &after);
  double cpu = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
               (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
  for (int index = 0; index < session_count; index++) close_session(&sessions[index]);
  connect_session(&maker, &hosts[0]);
  each_znode(&maker, 0);
  close_session(&maker);
  printf("{\"opsPerSecond\": %.1f, \"count\": %llu, \"lateSends\": %lld, \"cpuSeconds\": %.3f, "
         "\"latencyUs\": {\"mean\": %.1f, \"p50\": %lld, \"p90\": %lld, \"p99\": %lld, \"p999\": %lld, \"max\": %lld}}\n",
         (double)sample_count / measured_seconds, (unsigned long long)sample_count, (long long)late_count, cpu,
         sample_count == 0 ? 0 : (double)sum_us / (double)sample_count, (long long)percentile_us(50), (long long)percentile_us(90),
         (long long)percentile_us(99), (long long)percentile_us(99.9), (long long)max_us);
  return 0;
}
