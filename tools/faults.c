/* Makes system calls on some files fail, for tools/faults.sh: a library to preload. It is built with
     cc -shared -fPIC -O2 -o faults.so faults.c -ldl
   and takes from the environment
     FAULT_PATH   calls on files whose path contains this are counted, others pass
     FAULT_CALL   read, write, sync or rename; read and write stand for all calls that do so
     FAULT_AT     the first call to fail, from 1; from then on all fail
     FAULT_ERROR  errno that they fail with; without it they transfer one byte up to half of what was asked for
     FAULT_DELAY  microseconds that every counted call takes longer */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;

/* The loader's own dlsym: the one below stands before it. */
static void *find(void *library, const char *name)
{
    static const char *versions[] = { "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.34" };
    static void *(*next)(void *, const char *);
    for (int i = 0; !next && i < 3; i++)
        next = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    return next ? next(library, name) : NULL;
}

static int concerns(const char *call, const char *path)
{
    const char *wanted = getenv("FAULT_CALL"), *part = getenv("FAULT_PATH");
    return wanted && part && !strcmp(call, wanted) && strstr(path, part);
}

/* The errno to fail with, 0 to go on, -1 to transfer less. */
static int next_fault(const char *call, int file)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (!concerns(call, path))
        return 0;
    const char *at = getenv("FAULT_AT"), *error = getenv("FAULT_ERROR"), *delay = getenv("FAULT_DELAY");
    if (delay)
        usleep(atoi(delay));
    if (!at || atomic_fetch_add(&calls, 1) + 1 < atol(at))
        return 0;
    return error ? atoi(error) : -1;
}

static size_t fewer(size_t count) { return count <= 1 ? count : 1 + (size_t)rand() % (count / 2); }

#define NEXT(name) ((__typeof__(&name))find(RTLD_NEXT, #name))

#define FAIL(fault) if ((fault) > 0) { errno = (fault); return -1; }

#define TRANSFER(name, call, type, with_offset, pass) \
    ssize_t name(int file, type bytes, size_t count with_offset) \
    { \
        int fault = next_fault(call, file); \
        FAIL(fault) \
        return NEXT(name)(file, bytes, fault < 0 ? fewer(count) : count pass); \
    }

#define VECTOR(name, call, offset) \
    ssize_t name(int file, const struct iovec *vectors, int count, offset at) \
    { \
        int fault = next_fault(call, file); \
        FAIL(fault) \
        if (fault < 0 && count > 0) \
        { \
            struct iovec less = { vectors[0].iov_base, fewer(vectors[0].iov_len) }; \
            return NEXT(name)(file, &less, 1, at); \
        } \
        return NEXT(name)(file, vectors, count, at); \
    }

#define COMMA ,
TRANSFER(read, "read", void *, , )
TRANSFER(pread, "read", void *, COMMA off_t at, COMMA at)
TRANSFER(pread64, "read", void *, COMMA off64_t at, COMMA at)
TRANSFER(write, "write", const void *, , )
TRANSFER(pwrite, "write", const void *, COMMA off_t at, COMMA at)
TRANSFER(pwrite64, "write", const void *, COMMA off64_t at, COMMA at)
VECTOR(preadv, "read", off_t)
VECTOR(preadv64, "read", off64_t)
VECTOR(pwritev, "write", off_t)
VECTOR(pwritev64, "write", off64_t)

int fsync(int file)
{
    int fault = next_fault("sync", file);
    FAIL(fault)
    return NEXT(fsync)(file);
}

static int may_rename(const char *to)
{
    const char *at = getenv("FAULT_AT"), *error = getenv("FAULT_ERROR");
    if (!concerns("rename", to) || !at || !error || atomic_fetch_add(&calls, 1) + 1 < atol(at))
        return 1;
    errno = atoi(error);
    return 0;
}

int rename(const char *from, const char *to) { return may_rename(to) ? NEXT(rename)(from, to) : -1; }

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    return may_rename(to) ? NEXT(renameat2)(from_folder, from, to_folder, to, flags) : -1;
}

int link(const char *from, const char *to) { return may_rename(to) ? NEXT(link)(from, to) : -1; }

/* What a program looks up in the C library by name is found there, past what is preloaded. */
void *dlsym(void *library, const char *name)
{
    return !strcmp(name, "fsync") ? (void *)fsync : !strcmp(name, "renameat2") ? (void *)renameat2 : find(library, name);
}
