import Foundation
import Propel
import PropelTesting
import Subprocess
import SystemPackage
import Testing

/// The same file runs on systems that are older than the one it was built on, or of another kind: it only needs the
/// kernel. A root without any library stands for Ubuntu and Alpine, which cannot be created from Debian's packages.
@Suite struct OlderSystemsTests {
    /// Debian 11 has glibc 2.31.
    @Test(.timeLimit(.minutes(15))) func `Debian 11 is configured`() async throws {
        try await Root.with(debian: "bullseye") { root in
            #expect(try await root.execute("ldd", "--version").contains("2.31"))
            let entry = HostEntry(name: "old.example.com", role: "demo")
            let plan = try await root.enforcer(
                "plan", Request(entry: entry, only: ["file /etc/motd"], deployer: "anna@laptop"))
            #expect(try #require(plan.ending)[.wouldChange] == 1, "\(plan)")
            let run = try await root.enforcer(
                "enforce", Request(entry: entry, only: ["file /etc/motd"], deployer: "anna@laptop"))
            #expect(try #require(run.ending)[.changed] == 1, "\(run)")
            #expect(try root.text("/etc/motd") == "This is old.example.com. Propel keeps it as it is.\n")
            let again = try await root.enforcer(
                "enforce", Request(entry: entry, only: ["file /etc/motd"], deployer: "anna@laptop"))
            #expect(try #require(again.ending).counts == [.ok: 1], "\(again)")
        }
    }

    @Test func `a root without any library is enough`() async throws {
        try await Root.with(debian: nil) { root in
            let entry = HostEntry(name: "bare.example.com", role: "demo")
            let plan = try await root.enforcer("plan", Request(entry: entry, deployer: "anna@laptop"))
            guard case .refused(let failure) = plan.events.last else {
                Issue.record("it was not refused: \(plan)")
                return
            }
            #expect(failure.message == "this machine runs Linux, and the role demo is for Debian", "\(failure)")
        }
    }
}

/// The root of another system, with the program in it.
private struct Root {
    let folder: URL

    /// Creates a root in a folder that is removed with it.
    /// - Parameter suite: Debian's release; nil for a root that has the program and nothing else.
    static func with(debian suite: String?, _ body: (Root) async throws -> Void) async throws {
        let root = Root(
            folder: FileManager.default.temporaryDirectory.appending(
                path: "propel-root-\(UUID().uuidString.prefix(8).lowercased())"))
        try FileManager.default.createDirectory(
            at: root.folder.appending(path: "proc"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root.folder) }
        if let suite { try await root.unpack(suite) }
        let built = Configuration.fleet.appending(path: ".build/release/propel-enforce")
        try copyProgram(from: built.path, to: root.folder.appending(path: "propel-enforce").path)
        try await body(root)
    }

    /// Unpacks a Debian that was installed once, from the mirror in this computer's apt configuration.
    private func unpack(_ suite: String) async throws {
        let script = """
            set -euo pipefail
            source "$1/Scripts/debian-mirror"
            cache=/var/cache/propel/older; file=$cache/$2.tar
            mkdir -p "$cache"; exec 9> "$cache/lock"; flock 9
            [ -e "$file" ] || { debian_apt_options > "$cache/options"
                mmdebstrap --quiet --variant=essential --aptopt="$cache/options" \
            --aptopt='Acquire::Check-Valid-Until "false"' \
                    "$2" "$cache/unfinished.tar" "$(debian_mirror)"; mv "$cache/unfinished.tar" "$file"; }
            tar --extract --file "$file" --directory "$3" --exclude './dev/*'
            """
        let made = try await Subprocess.run(
            .name("timeout"),
            arguments: ["800", "bash", "-c", script, "bash", Configuration.repository.path, suite, folder.path],
            input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard made.terminationStatus.isSuccess else { throw Unexpected("Debian \(suite): \(made.standardError)") }
    }

    func text(_ path: String) throws -> String { try String(contentsOf: folder.appending(path: path), encoding: .utf8) }

    /// Runs a program of the root in a PID namespace: processes that it leaves behind are killed.
    /// - Parameter input: the line on its standard input, which then stays open: its end would be a lost link.
    func execute(_ words: String..., input: String = "") async throws -> String {
        let keepOpen = #"exec 3<> "$1"; printf "%s\n" "$2" >&3; shift 2; exec "$@" <&3"#
        let pipe = folder.appending(path: "pipe").path
        guard mkfifo(pipe, 0o600) == 0 || errno == EEXIST else { throw Unexpected("no pipe at \(pipe)") }
        let result = try await Subprocess.run(
            .name("timeout"),
            arguments: Arguments(
                [
                    "120", "sh", "-c", keepOpen, "sh", pipe, input, "unshare", "--mount", "--pid", "--fork",
                    "--kill-child", "--mount-proc=\(folder.appending(path: "proc").path)", "chroot", folder.path,
                ]
                    + words), input: .none, output: .string(limit: 16 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw Unexpected("\(words): \(result.terminationStatus)\n\(result.standardOutput)\(result.standardError)")
        }
        return result.standardOutput
    }

    func enforcer(_ command: String, _ request: Request) async throws -> Told {
        let lines = try await execute("/propel-enforce", command, "--mark", "0", input: request.json.description).split(
            separator: "\n")
        guard lines.first == "propel:0:ready" else { throw Unexpected("it is not ready: \(lines)") }
        return Told(events: try lines.dropFirst().map { try Event(JSON(parsing: String($0))) })
    }
}

/// The output of an enforcer.
private struct Told {
    let events: [Event]

    var ending: RunSummary? {
        if case .ended(let ending) = events.last { ending } else { nil }
    }
}
