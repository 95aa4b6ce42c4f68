/*
 * A disk whose syncs take longer, for programs that load this before libc: each call that syncs comes back so many
 * microseconds (SLOW_DISK_US) later than it would. Calls of several threads wait side by side, as on a device that works on
 * several at a time.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static void wait_longer(void)
{
    const char *text = getenv("SLOW_DISK_US");
    if (text != NULL) usleep((useconds_t)strtoul(text, NULL, 10));
}

static void wait_if_synced(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_DSYNC) != 0) wait_longer();
}

typedef ssize_t (*write_call)(int, const void *, size_t, off64_t);
typedef int (*sync_call)(int);

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    static write_call real;
    if (real == NULL) real = (write_call)dlsym(RTLD_NEXT, "pwrite64");
    ssize_t written = real(fd, bytes, size, at);
    wait_if_synced(fd);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return pwrite64(fd, bytes, size, at);
}

int fdatasync(int fd)
{
    static sync_call real;
    if (real == NULL) real = (sync_call)dlsym(RTLD_NEXT, "fdatasync");
    int status = real(fd);
    wait_longer();
    return status;
}

int fsync(int fd)
{
    static sync_call real;
    if (real == NULL) real = (sync_call)dlsym(RTLD_NEXT, "fsync");
    int status = real(fd);
    wait_longer();
    return status;
}
