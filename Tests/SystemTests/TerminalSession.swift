import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A program at a pseudo-terminal: the test reads the screen and types.
///
/// A shell starts the program, as at a real terminal, and reports in the end what the program left of the terminal's
/// settings.
final class TerminalSession: Sendable {
    private let process: pid_t
    private let screen: Screen
    private let hasEnded = Mutex(false)

    /// The shell lives on at Ctrl-C, which the terminal sends to both.
    private static let script = """
        trap : INT
        cd "$1"; shift
        "$@"
        status=$?
        echo "left: $(stty -a | tr '\\n' ' ')"
        exit $status
        """

    /// - Parameter environment: what differs from the test's own; nil takes a variable away.
    init(
        _ program: FilePath, _ arguments: [String], in folder: URL, environment: [String: String?] = [:],
        columns: UInt16 = 100, rows: UInt16 = 40
    ) throws {
        screen = try Screen()
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(screen.master, UInt(TIOCSWINSZ), &size) == 0 else { throw Unexpected("the terminal takes no size") }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that a session's leader opens becomes the session's own.
        posix_spawn_file_actions_addopen(&actions, 0, screen.terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, 0x80)  // POSIX_SPAWN_SETSID

        var variables = ProcessInfo.processInfo.environment
        variables["TERM"] = "xterm-256color"
        variables["NO_COLOR"] = nil
        for (name, value) in environment { variables[name] = value }
        let line = ["sh", "-c", Self.script, "sh", folder.path, program.string] + arguments
        let words = line.map { word in strdup(word) } + [nil]
        let settings = variables.map { name, value in strdup("\(name)=\(value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var process = pid_t()
        guard posix_spawn(&process, "/bin/sh", &actions, &attributes, words, settings) == 0 else {
            throw Unexpected("cannot start \(program)")
        }
        self.process = process
        Thread { [screen] in screen.read() }.start()
    }

    deinit {
        // A test that has failed must not leave it waiting for an answer.
        if !hasEnded.withLock(\.self) { kill(-process, SIGKILL) }
    }

    /// All that the screen has got, with its escape sequences.
    var output: String { screen.output }

    /// Waits until `text` appears after the previous match.
    func expect(_ text: String) async throws {
        do {
            try await eventually("“\(text)” on the screen") { try screen.has(text) }
        } catch {
            throw Unexpected("\(error):\n\(output)")
        }
    }

    func type(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(screen.master, $0.baseAddress, $0.count) }
    }

    /// Types Ctrl-C: SIGINT for the foreground process group.
    func typeControlC() { type("\u{03}") }
    /// Ends the input.
    func typeControlD() { type("\u{04}") }

    /// Waits for the end; returns the exit status and the whole output.
    func end(within limit: Duration = .seconds(120)) async throws -> Answer {
        var status: Int32 = 0
        do {
            try await eventually("the program has ended", within: limit) { waitpid(process, &status, WNOHANG) != 0 }
            hasEnded.withLock { $0 = true }
            try await eventually("the screen is complete") { screen.isComplete }
        } catch {
            throw Unexpected("\(error):\n\(output)")
        }
        guard status & 0x7F == 0 else { throw Unexpected("ended by signal \(status & 0x7F)\n\(output)") }
        return Answer(status: status >> 8 & 0xFF, output: output, errors: "")
    }
}

/// The output of a terminal since its start.
private final class Screen: Sendable {
    /// The controlling side of the pseudo-terminal.
    let master: Int32
    /// The path of the terminal device.
    let terminal: String
    private let contents = Mutex(Contents())

    private struct Contents {
        var bytes: [UInt8] = []
        /// The part that has already been matched.
        var position = 0
        var isComplete = false
    }

    init() throws {
        // What posix_openpt(3), unlockpt(3) and ptsname(3) do, which the system's module does not declare
        // (ioctl_tty(2)).
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var number: CInt = 0, isLocked: CInt = 0
        let TIOCSPTLCK: UInt = 0x4004_5431, TIOCGPTN: UInt = 0x8004_5430
        guard master >= 0, ioctl(master, TIOCSPTLCK, &isLocked) == 0, ioctl(master, TIOCGPTN, &number) == 0 else {
            throw Unexpected("there is no terminal to be had: \(String(cString: strerror(errno)))")
        }
        terminal = "/dev/pts/\(number)"
    }

    deinit { close(master) }

    /// Reads until every process has closed the terminal.
    func read() {
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Foundation.read(master, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return contents.withLock { $0.isComplete = true } }
            contents.withLock { $0.bytes += part.prefix(count) }
        }
    }

    var output: String { contents.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    var isComplete: Bool { contents.withLock(\.isComplete) }

    /// Whether `text` occurs after the previous match.
    func has(_ text: String) throws -> Bool {
        try contents.withLock { contents in
            if let range = contents.bytes[contents.position...].firstRange(of: Array(text.utf8)) {
                contents.position = range.upperBound
                return true
            }
            if contents.isComplete { throw Unexpected("the program has ended without “\(text)”") }
            return false
        }
    }
}

extension Answer {
    /// Whether the terminal echoes, as stty(1) reports it.
    var isEchoing: Bool {
        let words = output.components(separatedBy: "left: ").last?.split(separator: " ") ?? []
        return words.contains("echo")
    }

    /// The number of occurrences of `text` in the output.
    func count(of text: String) -> Int { output.components(separatedBy: text).count - 1 }
}

extension Configuration {
    /// Starts propel at a terminal.
    func propelAtTerminal(_ arguments: String..., environment: [String: String?] = [:]) throws -> TerminalSession {
        try TerminalSession(program, arguments, in: folder, environment: environment)
    }
}
