// kill-at: a login command (ForceCommand of sshd_config(5)) that kills an enforcer at its N-th file operation.
//
// Once, if /root/kill-at/point exists: its first word is N, or 0 to count only. The file is removed, the command of the
// connection is traced, and every enforcer that it starts is stopped before each system call that changes a file, and
// when a program that it starts has begun. At the N-th of these operations it gets SIGKILL: the call is not made, and the
// program goes on. Programs are not traced themselves. The operations are written to /root/kill-at/operations, and once
// all enforcers have ended, how many there were to /root/kill-at/result.
//
// A sync does not count: what a process that is killed leaves is the same before and after it.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "/root/kill-at/"
#define ENFORCERS "/var/lib/propel/enforcers/"

// Where a call has the file that it changes: a path or a descriptor, by the index of the argument.
enum kind { PATH, DESCRIPTOR, OPEN, WRITE };
static const struct call {
    long number;
    const char *name;
    enum kind kind;
    int argument;
} calls[] = {
    {SYS_openat, "openat", OPEN, 1},
    {SYS_write, "write", WRITE, 0},
    {SYS_pwrite64, "pwrite", WRITE, 0},
    {SYS_writev, "writev", WRITE, 0},
    {SYS_copy_file_range, "copy_file_range", WRITE, 2},
    {SYS_sendfile, "sendfile", WRITE, 0},
    {SYS_ftruncate, "ftruncate", DESCRIPTOR, 0},
    {SYS_fallocate, "fallocate", DESCRIPTOR, 0},
    {SYS_fchmod, "fchmod", DESCRIPTOR, 0},
    {SYS_fchown, "fchown", DESCRIPTOR, 0},
    {SYS_fsetxattr, "fsetxattr", DESCRIPTOR, 0},
    {SYS_fremovexattr, "fremovexattr", DESCRIPTOR, 0},
    {SYS_fchmodat, "fchmodat", PATH, 1},
    {SYS_fchownat, "fchownat", PATH, 1},
    {SYS_utimensat, "utimensat", PATH, 1},
    {SYS_truncate, "truncate", PATH, 0},
    {SYS_setxattr, "setxattr", PATH, 0},
    {SYS_lsetxattr, "lsetxattr", PATH, 0},
    {SYS_removexattr, "removexattr", PATH, 0},
    {SYS_lremovexattr, "lremovexattr", PATH, 0},
    {SYS_mkdirat, "mkdirat", PATH, 1},
    {SYS_mknodat, "mknodat", PATH, 1},
    {SYS_symlinkat, "symlinkat", PATH, 2},
    {SYS_linkat, "linkat", PATH, 3},
    {SYS_unlinkat, "unlinkat", PATH, 1},
    {SYS_renameat, "renameat", PATH, 3},
    {SYS_renameat2, "renameat2", PATH, 3},
#ifdef __x86_64__
    {SYS_open, "open", OPEN, 0},
    {SYS_creat, "creat", PATH, 0},
    {SYS_chmod, "chmod", PATH, 0},
    {SYS_chown, "chown", PATH, 0},
    {SYS_lchown, "lchown", PATH, 0},
    {SYS_mkdir, "mkdir", PATH, 0},
    {SYS_rmdir, "rmdir", PATH, 0},
    {SYS_mknod, "mknod", PATH, 0},
    {SYS_symlink, "symlink", PATH, 1},
    {SYS_link, "link", PATH, 1},
    {SYS_unlink, "unlink", PATH, 0},
    {SYS_rename, "rename", PATH, 1},
#endif
};

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(127);
}

static bool read_link(char *path, size_t size, const char *format, pid_t process, int descriptor) {
    char link[64];
    snprintf(link, sizeof link, format, process, descriptor);
    ssize_t count = readlink(link, path, size - 1);
    path[count > 0 ? count : 0] = 0;
    return count > 0;
}

static bool is_enforcer(pid_t process) {
    char path[PATH_MAX];
    return read_link(path, sizeof path, "/proc/%d/exe", process, 0) && !strncmp(path, ENFORCERS, strlen(ENFORCERS));
}

// A number in /proc/PID/status, such as the process of a thread (Tgid) or its parent (PPid).
static pid_t field(const char *name, pid_t thread) {
    char path[64], line[256];
    pid_t value = thread;
    snprintf(path, sizeof path, "/proc/%d/status", thread);
    FILE *status = fopen(path, "r");
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, name, strlen(name))) value = atoi(line + strlen(name));
    if (status) fclose(status);
    return value;
}

// Whether a process has become an enforcer by execve, which one that is only about to start another program has not.
static pid_t enforcers[64];
static bool is_counted(pid_t process) {
    for (size_t i = 0; i < sizeof enforcers / sizeof *enforcers; i++)
        if (enforcers[i] == process) return true;
    return false;
}

static void read_path(pid_t thread, uint64_t address, char *path, size_t size) {
    // Not beyond the page, which may be the last one.
    size_t rest = 4096 - address % 4096;
    struct iovec to = {path, rest < size - 1 ? rest : size - 1}, from = {(void *)address, to.iov_len};
    ssize_t count = process_vm_readv(thread, &to, 1, &from, 1, 0);
    path[count > 0 ? count : 0] = 0;
}

// Whether a call changes a file; then its name and the file are in `words`.
static bool changes_file(pid_t thread, const struct __ptrace_syscall_info *info, char *words, size_t size) {
    const struct call *call = NULL;
    for (size_t i = 0; i < sizeof calls / sizeof *calls && !call; i++)
        if ((uint64_t)calls[i].number == info->entry.nr) call = &calls[i];
    if (!call) return false;
    uint64_t argument = info->entry.args[call->argument];
    char path[PATH_MAX] = "";
    if (call->kind == DESCRIPTOR || call->kind == WRITE) {
        if (!read_link(path, sizeof path, "/proc/%d/fd/%d", thread, (int)argument)) return false;
        // Not pipes, nor each line of the journal.
        if (*path != '/' || (call->kind == WRITE && strstr(path, "/journal"))) return false;
    } else {
        uint64_t flags = call->kind == OPEN ? info->entry.args[call->argument + 1] : O_CREAT;
        if (!(flags & (O_CREAT | O_TRUNC)) && (flags & O_TMPFILE) != O_TMPFILE) return false;
        read_path(thread, argument, path, sizeof path);
    }
    snprintf(words, size, "%s %s", call->name, path);
    return true;
}

static long number, point;
static FILE *list;

// Counts an operation of a process, and kills it if this is the one.
// Returns whether that has been done.
static bool count(pid_t process, const char *words) {
    fprintf(list, "%ld %s\n", ++number, words);
    fflush(list);
    return number == point && kill(process, SIGKILL) == 0;
}

// A thread has executed a program.
// Returns whether an enforcer has been killed.
static bool executed(pid_t process) {
    static size_t next;
    if (is_enforcer(process)) {
        if (!is_counted(process)) enforcers[next++ % (sizeof enforcers / sizeof *enforcers)] = process;
    } else if (next) {
        char words[PATH_MAX + 8] = "execute ";
        read_link(words + strlen(words), PATH_MAX, "/proc/%d/exe", process, 0);
        pid_t parent = field("PPid:", process);
        ptrace(PTRACE_DETACH, process, 0, 0);
        return is_counted(parent) && count(parent, words);
    }
    ptrace(is_counted(process) ? PTRACE_SYSCALL : PTRACE_CONT, process, 0, 0);
    return false;
}

// Resumes a thread that has stopped.
// Returns whether an enforcer has been killed instead.
static bool go_on(pid_t thread, int status) {
    int signal = WSTOPSIG(status), event = status >> 16;
    // The thread that executes becomes the process.
    if (event == PTRACE_EVENT_EXEC) return executed(thread);
    if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
        ptrace(PTRACE_LISTEN, thread, 0, 0);
        return false;
    }
    pid_t process = field("Tgid:", thread);
    bool is_call = signal == (SIGTRAP | 0x80);
    if (is_call) {
        struct __ptrace_syscall_info info = {0};
        char words[PATH_MAX + 64];
        ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info);
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY && is_counted(process)
            && changes_file(thread, &info, words, sizeof words) && count(process, words))
            return true;
    }
    ptrace(is_counted(process) ? PTRACE_SYSCALL : PTRACE_CONT, thread, 0, event || is_call ? 0 : signal);
    return false;
}

static void trace(pid_t child, int go) {
    // It outlives the connection, since the enforcer does.
    setsid();
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++) dup2(null, i);
    list = fopen(FOLDER "operations", "w");
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE
        | PTRACE_O_TRACEEXEC;
    if (!list || ptrace(PTRACE_SEIZE, child, 0, options) != 0) fail("trace");
    close(go);
    bool is_killed = false;
    int status;
    for (pid_t thread; (thread = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;)
        // What else is traced goes on without this process.
        if (thread > 0 && WIFSTOPPED(status) && (is_killed = go_on(thread, status))) break;
    FILE *result = fopen(FOLDER "result.new", "w");
    fprintf(result, "%ld %s\n", number, is_killed ? "killed" : "ended");
    fclose(result);
    rename(FOLDER "result.new", FOLDER "result");
    exit(0);
}

int main(void) {
    char *command = getenv("SSH_ORIGINAL_COMMAND");
    char *shell[] = {"/bin/bash", command ? "-c" : "-l", command, NULL};
    FILE *file = fopen(FOLDER "point", "r");
    if (!file || unlink(FOLDER "point") != 0) {
        execv(*shell, shell);
        fail(*shell);
    }
    if (fscanf(file, "%ld", &point) != 1) fail("point");
    fclose(file);
    unlink(FOLDER "result");
    int go[2];
    if (pipe2(go, O_CLOEXEC) != 0) fail("pipe");
    pid_t child = fork();
    if (child == 0) {
        char end;
        close(go[1]);
        if (read(go[0], &end, 1) != 0) fail("read");
        execv(*shell, shell);
        fail(*shell);
    }
    if (fork() == 0) trace(child, go[1]);
    close(go[1]);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
