import Vocabulary
import Foundation
import Propel
import Sandbox
import Subprocess

/// A sandbox with a configuration that describes it, for one test.
struct TestMachine: Sendable {
    let name: String
    let sandbox: Sandbox
    let configuration: Configuration

    @TaskLocal static var ofTest: TestMachine?

    /// The machine of a test with the trait `.machine()`.
    static var current: TestMachine {
        get throws {
            guard let ofTest else { throw Unexpected("the test needs the trait .machine()") }
            return ofTest
        }
    }

    /// Boots a machine that the end of the test removes, and describes it.
    /// - Parameters:
    ///   - keys: the lines of its entry besides its role.
    ///   - packages: those that it has from the start; none by default.
    static func up(
        role: String = "demo", keys: String = "", suite: DebianRelease = .bookworm, packages: [String] = []
    ) async throws -> TestMachine {
        let name = uniqueName()
        return TestMachine(
            name: name, sandbox: try await Sandbox.forTest(named: name, suite, packages: packages),
            configuration: try Configuration(hosts: entry(name, role: role, keys: keys, suite: suite)))
    }

    private static func entry(_ name: String, role: String, keys: String, suite: DebianRelease) -> String {
        "[\(name)]\nrole = \"\(role)\"\nsandbox = true\nsuite = \"\(suite.rawValue)\"\n\(keys)\n"
    }

    /// Replaces the keys of the machine's entry.
    func describe(role: String = "demo", keys: String) throws {
        try configuration.write(hosts: Self.entry(name, role: role, keys: keys, suite: sandbox.suite))
    }

    /// Describes the machine by its address instead of as a sandbox.
    func describeByAddress(
        role: String = "demo", user: String, become: String = "none", address: String? = nil, port: Int = 22,
        hostKey: String? = nil, keys: String = ""
    ) throws {
        try configuration.write(
            hosts: """
                [\(name)]
                role = "\(role)"
                address = "\(address ?? sandbox.address)"
                port = \(port)
                user = "\(user)"
                become = "\(become)"
                identity = "\(sandbox.identityFile)"
                host-keys = ["\(hostKey ?? sandbox.hostKey)"]
                \(keys)

                """)
    }

    /// Runs a shell command on the machine as root and returns its output.
    /// - Throws: if it fails.
    @discardableResult
    func ssh(_ command: String) async throws -> String {
        let result = try await Subprocess.run(
            .name("ssh"), arguments: Arguments(sandbox.sshArguments(timeout: 10) + [command]), input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw Unexpected("\(command): \(result.terminationStatus)\n\(result.standardOutput)\(result.standardError)")
        }
        return result.standardOutput.trimmingCharacters(in: .newlines)
    }

    /// Waits until no run is left on the machine.
    func waitForNoRun() async throws {
        try await eventually("no run is left") {
            try await ssh("pgrep -f '^propel-enforce detached' || true") == ""
        }
    }

    /// Reboots the machine and waits until it answers again.
    func reboot() async throws {
        let before = try await ssh("cat /proc/sys/kernel/random/boot_id")
        _ = try? await ssh("systemctl reboot")
        try await eventually("it has booted again") {
            guard let now = try? await ssh("cat /proc/sys/kernel/random/boot_id") else { return false }
            return now != before
        }
        try await waitForUnits()
    }

    /// Waits until the units of a machine that boots have started.
    func waitForUnits() async throws {
        try await eventually("its units have started") {
            ["running", "degraded"].contains(try? await ssh("systemctl is-system-running; true"))
        }
    }
}

/// Waits until a condition holds.
///
/// To look over ssh costs processor time, which the machines need, so the pause between two looks is three times as
/// long as one takes, and a second at most.
/// - Parameter limit: the timeout, ten minutes by default: on a busy computer a run may take several.
func eventually(
    _ what: String, within limit: Duration = .seconds(600), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock(), deadline = clock.now + limit
    repeat {
        let start = clock.now
        if try await condition() { return }
        try await Task.sleep(for: min(max((clock.now - start) * 3, .milliseconds(100)), .seconds(1)))
    } while clock.now < deadline
    throw Unexpected("timed out after \(limit): \(what)")
}
