#pragma once

/* Linux calls that glibc declares for GNU sources only, which Swift's Glibc module is not. */

/* memfd_create(2) */
int memfd_create(const char *name, unsigned int flags);
static const unsigned int PROPEL_MFD_CLOEXEC = 0x0001U;

/* pipe2(2), and how to set the size of a pipe (fcntl(2)) */
int pipe2(int descriptors[2], int flags);
static const int PROPEL_F_SETPIPE_SZ = 1031;

/* fallocate(2) */
#include <sys/types.h>
int fallocate(int descriptor, int mode, off_t offset, off_t length);

/* rename(2) */
int renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path, unsigned int flags);
static const unsigned int PROPEL_RENAME_NOREPLACE = 1;
static const unsigned int PROPEL_RENAME_EXCHANGE = 2;

/* statfs(2): what kind of file system a file is on. */
#include <sys/vfs.h>

/* posix_spawnattr_setflags(3): the child gets a session of its own. */
static const short PROPEL_POSIX_SPAWN_SETSID = 0x80;

/* open(2): a descriptor that only names a place. */
static const int PROPEL_O_PATH = 010000000;

/* fchownat(2): the descriptor itself, with an empty path. */
static const int PROPEL_AT_EMPTY_PATH = 0x1000;

/* prctl(2), which takes a variable number of arguments. Unlike the limit of core files this is not inherited by programs. */
#include <sys/prctl.h>
static inline int propel_forbid_core_dump(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/* TCP connections. The addresses of socket(7) are imported differently by Glibc and Musl. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connects to a numeric address. Returns a descriptor that does not block, or the negative errno. */
static inline int propel_connect(const char *text, unsigned short port, int milliseconds) {
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;
    memset(&v6, 0, sizeof v6);
    memset(&v4, 0, sizeof v4);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    const struct sockaddr *address;
    socklen_t size;
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        address = (const struct sockaddr *)&v4;
        size = sizeof v4;
    } else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        address = (const struct sockaddr *)&v6;
        size = sizeof v6;
    } else {
        return -EINVAL;
    }
    /* SOCK_STREAM, SOCK_NONBLOCK and SOCK_CLOEXEC are the same numbers on all Linux architectures that Propel has. */
    int descriptor = socket(address->sa_family, 1 | 04000 | 02000000, 0);
    if (descriptor < 0) return -errno;
    int error = 0;
    socklen_t length = sizeof error;
    if (connect(descriptor, address, size) != 0) {
        error = errno;
        if (error == EINPROGRESS) {
            struct pollfd waiting = {descriptor, POLLOUT, 0};
            error = 0;
            int ready = poll(&waiting, 1, milliseconds);
            if (ready == 0) error = ETIMEDOUT;
            else if (ready < 0 || getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
        }
    }
    if (error == 0) return descriptor;
    close(descriptor);
    return -error;
}

/* send(2) without SIGPIPE where the other side has closed. */
static inline long propel_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL);
}

/* Sockets in the file system (unix(7)). */
#include <stddef.h>
#include <sys/un.h>
int accept4(int descriptor, struct sockaddr *address, socklen_t *size, int flags);

/* Opens a socket, and binds or connects it to a path. Returns a descriptor, or the negative errno. */
static inline int propel_open_local(const char *path, int (*use)(int, const struct sockaddr *, socklen_t)) {
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int descriptor = socket(AF_UNIX, 1 | 02000000, 0);
    if (descriptor < 0) return -errno;
    if (use(descriptor, (const struct sockaddr *)&address, sizeof address) == 0) return descriptor;
    int error = errno;
    close(descriptor);
    return -error;
}

static inline int propel_bind_and_listen(int descriptor, const struct sockaddr *address, socklen_t size) {
    return bind(descriptor, address, size) != 0 ? -1 : listen(descriptor, 8);
}

static inline int propel_listen_local(const char *path) { return propel_open_local(path, propel_bind_and_listen); }

static inline int propel_connect_plainly(int descriptor, const struct sockaddr *address, socklen_t size) {
    return connect(descriptor, address, size);
}

static inline int propel_connect_local(const char *path) { return propel_open_local(path, propel_connect_plainly); }

/* accept4(2) with SOCK_CLOEXEC */
static inline int propel_accept(int listener) { return accept4(listener, NULL, NULL, 02000000); }

/* send(2) without SIGPIPE, and without waiting for room. */
static inline long propel_send_at_once(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}
