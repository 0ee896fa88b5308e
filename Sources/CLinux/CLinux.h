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
