import CLinux
import Libc

/// The output of a daemon that a program has left behind.
///
/// Nobody reads it any longer: the next line that the daemon prints would wait forever once the pipe is full. So a
/// `cat` takes what it prints, for as long as the daemon lives, independently of propel-enforce.
struct OrphanedOutput {
    private let pipe: OutputPipe

    init(_ pipe: OutputPipe) { self.pipe = pipe }

    /// Starts to discard it.
    func discard() {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Blocking, unlike the descriptor here.
        posix_spawn_file_actions_addopen(&actions, 3, "/proc/self/fd/\(pipe.readEnd.rawValue)", O_RDONLY, 0)
        for number in [0, 1, 2] as [Int32] {
            posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, PROPEL_POSIX_SPAWN_SETSID)
        // In the background, so that it is a child of init: a shell gives such a program another input by itself.
        let words = ["sh", "-c", "cat <&3 3<&- &"]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { word in strdup(word) } + [nil]
        let environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=\(Invocation.searchPath)"), nil]
        defer { (arguments + environment).forEach { free($0) } }
        var process = pid_t()
        // Without it the daemon waits when the pipe is full; that is no reason for the run to fail.
        guard posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, environment) == 0 else { return }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
}
