import Foundation
import Propel
import Subprocess
import SystemPackage

/// An emulated 64-bit ARM machine with two cores and 1 GB of memory, where the user pi becomes root by sudo with a
/// password.
struct EmulatedPi: Sendable {
    /// The user's password (`Scripts/pi/make-image`).
    static let password = "raspberry"

    /// The `[fleet]` table of its hosts.conf.
    static let fleet = "[fleet]\nsdks = { aarch64 = \"debian12-aarch64\" }\n"

    let configuration: Configuration
    private let port: Int
    private let key: String
    private let hostKey: String

    private static let scripts = Configuration.repository.appending(path: "Scripts/pi")

    /// Boots a machine, and ends it whatever happens.
    static func with(_ body: @Sendable (EmulatedPi) async throws -> Void) async throws {
        // ./test has made it before; without that, this takes minutes.
        let image = try await Configuration.run("timeout", ["1800", scripts.appending(path: "make-image").path])
            .trimmingCharacters(in: .newlines)
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "propel-pi-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let disk = folder.appending(path: "disk.img").path
        _ = try await Configuration.run("cp", ["--sparse=always", "\(image)/disk.img", disk])
        let port = try freePort()
        let pi = EmulatedPi(
            configuration: try Configuration(hosts: ""), port: port, key: "\(image)/key",
            hostKey: try String(contentsOfFile: "\(image)/host-key.pub", encoding: .utf8).split(separator: " ").prefix(
                2
            ).joined(separator: " "))
        // Where this process is killed, somebody still has to end the machine.
        let outcome = try await Subprocess.run(
            .name("timeout"), arguments: ["2400", scripts.appending(path: "boot").path, disk, String(port)],
            environment: .inherit.updating(["IMAGE": image]), input: .none, output: .discarded,
            error: .currentStandardError
        ) { execution in
            let result: Result<Void, any Error>
            do {
                try await measured("boots until its sshd answers") { try await pi.waitForBoot() }
                result = .success(try await body(pi))
            } catch {
                result = .failure(error)
            }
            try execution.send(signal: .terminate)
            return result
        }
        try outcome.closureResult.get()
    }

    /// Gives its entry of hosts.conf, with more keys.
    func describe(keys: String = "") throws {
        try configuration.write(
            hosts: """
                \(Self.fleet)
                ["pi.local"]
                role = "pi"
                address = "127.0.0.1"
                port = \(port)
                user = "pi"
                identity = "\(key)"
                host-keys = ["\(hostKey)"]
                \(keys)

                """)
    }

    /// Runs propel as a person would who is asked for the password of pi, and answers with what `--json` printed.
    func propel(_ arguments: String...) async throws -> Answer {
        let output = configuration.folder.appending(path: "output")
        let session = try TerminalSession(
            "sh",
            ["-c", #"output=$1; shift; exec "$@" > "$output""#, "sh", output.path, configuration.program.string]
                + arguments + ["--json"],
            in: configuration.folder)
        try await session.expect("Password of pi@")
        session.type(Self.password + "\n")
        let answer = try await session.end(within: .seconds(1200))
        return Answer(
            status: answer.status, output: try String(contentsOf: output, encoding: .utf8), errors: answer.output)
    }

    /// Runs a shell command as root, and answers with what it prints.
    func root(_ command: String) async throws -> String {
        try await ssh("sudo -S -p '' sh -s", input: "\(Self.password)\n\(command)\n")
    }

    private func ssh(_ command: String, input: String = "", timeout: Int = 10) async throws -> String {
        let options = [
            "BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR",
            "ConnectTimeout=\(timeout)",
        ]
        return try await Configuration.run(
            "timeout",
            ["120", "ssh", "-i", key, "-p", String(port)] + options.flatMap { ["-o", $0] } + ["pi@127.0.0.1", command],
            input: input)
    }

    private func waitForBoot() async throws {
        try await eventually("its sshd answers", within: .seconds(300)) { (try? await ssh("true")) != nil }
    }

    /// Reboots, and waits until its units have started.
    func reboot() async throws {
        let identifier = "cat /proc/sys/kernel/random/boot_id"
        let before = try await ssh(identifier)
        _ = try? await root("systemctl reboot")
        try await eventually("it has booted again", within: .seconds(300)) {
            (try? await ssh(identifier)).map { $0 != before } ?? false
        }
        try await eventually("its units have started", within: .seconds(300)) {
            ["running\n", "degraded\n"].contains((try? await ssh("systemctl is-system-running; true")) ?? "")
        }
    }

    /// A port of 127.0.0.1 that nobody has.
    private static func freePort() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isFound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        guard socket >= 0, isFound else { throw Unexpected("no port is free") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// Does something and prints how long it took.
func measured<Value>(_ what: String, _ work: () async throws -> Value) async rethrows -> Value {
    let start = ContinuousClock.now
    let value = try await work()
    print(
        "pi: \(what): \((ContinuousClock.now - start).formatted(.units(allowed: [.minutes, .seconds], width: .narrow)))"
    )
    return value
}
