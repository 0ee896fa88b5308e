import Propel
import Synchronization

/// A machine in memory, for the tests of properties.
public struct FakeMachine: Sendable {
    /// The files.
    public let files: FakeFileSystem
    /// The programs, and the commands that were run.
    public let commands: FakeCommands
    /// The servers that answer it.
    public let dialer: FakeDialer
    /// The operations that were performed on it, in order.
    public let operations: OperationLog
    /// The machine as properties see it.
    public let machine: Machine
    private let time: Time

    private final class Time: Sendable {
        let now = Mutex(Timestamp(seconds: 2_000_000))
        let bootSteps = Mutex<[@Sendable () -> Void]>([])
    }

    private init(
        files: FakeFileSystem, commands: FakeCommands, time: Time, operations: OperationLog, secrets: Secrets,
        repository: RepositoryContents = RepositoryContents(), invoker: String?, connection: SSHConnection?,
        dialer: FakeDialer = FakeDialer()
    ) {
        self.files = files
        self.commands = commands
        self.time = time
        self.operations = operations
        self.dialer = dialer
        let start = ContinuousClock.now
        machine = Machine(
            files: files, commands: commands, secrets: secrets, repository: repository, invoker: invoker,
            connection: connection, dialer: dialer, clock: { time.now.withLock { $0 } },
            stopwatch: { start + .seconds(time.now.withLock { $0.seconds }) })
        machine.runID = "run"
    }

    /// Returns the same machine in another run, which has these secrets.
    public func run(with secrets: Secrets) -> FakeMachine {
        FakeMachine(
            files: files, commands: commands, time: time, operations: operations, secrets: secrets,
            repository: machine.repository, invoker: machine.invoker, connection: machine.connection, dialer: dialer)
    }

    /// Returns the same machine in another run, from a repository with these files.
    /// - Parameters:
    ///   - files: their contents by their paths in the repository.
    ///   - executables: the paths of those that are executable; none by default.
    ///   - links: the destinations of symbolic links by their paths; none by default.
    ///   - fetches: called with the hashes of what is fetched; does nothing by default.
    public func run(
        withRepository files: [String: String], executables: Set<String> = [], links: [String: String] = [:],
        fetches: @escaping @Sendable ([String]) throws -> Void = { _ in }
    ) -> FakeMachine {
        let contents = Dictionary(
            files.map { (SHA256.hash(Array($0.value.utf8)), Array($0.value.utf8)) }
        ) { first, _ in first }
        var manifest = RepositoryManifest(links: links)
        for (path, text) in files {
            manifest.files[path] = RepositoryContent(
                size: text.utf8.count, hash: SHA256.hash(Array(text.utf8)), isExecutable: executables.contains(path))
        }
        let repository = RepositoryContents(manifest) { wanted, receive in
            try fetches(wanted.map(\.hash))
            for range in wanted {
                let bytes = Array((contents[range.hash] ?? [])[range.offset..<range.offset + range.size])
                try receive(Piece(file: range.hash, offset: range.offset, size: bytes.count), bytes)
            }
        }
        return FakeMachine(
            files: self.files, commands: commands, time: time, operations: operations, secrets: machine.secrets,
            repository: repository, invoker: machine.invoker, connection: machine.connection, dialer: dialer)
    }

    /// Creates a Debian 12 with the users root, daemon and pi.
    /// - Parameters:
    ///   - invoker: the user who became root for the run with sudo; none by default.
    ///   - connection: the connection through which the run was started; none by default.
    public init(invoker: String? = nil, connection: SSHConnection? = nil) {
        let time = Time(), operations = OperationLog()
        self.init(
            files: FakeFileSystem(clock: { time.now.withLock { $0 } }, operations: operations),
            commands: FakeCommands(operations: operations), time: time, operations: operations, secrets: Secrets(),
            invoker: invoker, connection: connection)
        files.put("/etc/os-release", linkTo: "../usr/lib/os-release")
        files.put(
            "/usr/lib/os-release",
            """
            PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
            VERSION_ID="12"
            VERSION_CODENAME=bookworm
            ID=debian

            """)
        files.put(
            "/etc/passwd",
            """
            root:x:0:0:root:/root:/bin/bash
            daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
            pi:x:1000:1000:,,,:/home/pi:/bin/bash

            """)
        files.put("/etc/group", "root:x:0:\ndaemon:x:1:\nsudo:x:27:\npi:x:1000:\n")
        files.put(
            "/etc/shadow", "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\npi:!:19000:0:99999:7:::\n",
            mode: 0o640)
        files.put("/proc/net/if_inet6", "00000000000000000000000000000001 01 80 10 80 lo\n")
        files.put(directory: "/home/pi", mode: 0o700, owner: Owner(user: 1000, group: 1000))
    }

    /// Advances the clock.
    public func pass(_ duration: Duration) { time.now.withLock { $0.seconds += Int(duration.inSeconds) } }

    // MARK: Faults

    /// Injects a fault in place of an operation.
    ///
    /// After ``Fault/kill`` and ``Fault/powerCut`` every operation is an error until ``restart(seed:)``.
    /// - Parameter count: how many operations are performed before it, counted from now.
    public func inject(_ fault: Fault, after count: Int) { operations.inject(fault, after: count) }

    /// Injects a fault right after the first operation, counted from now, in whose words a string occurs: in place of
    /// the one that follows it.
    public func inject(_ fault: Fault, afterFirst text: String) { operations.inject(fault, afterFirst: text) }

    /// Lets the machine run again, for another run of Propel. After a power cut it boots: what was not synced may be
    /// lost, `/run` is empty, and the steps given to ``atBoot(_:)`` are done.
    /// - Parameter seed: decides what is lost.
    public func restart(seed: UInt64) {
        let fault = operations.revive()
        machine.forgetFacts(lasting: true)
        guard fault == .powerCut else { return }
        files.losePower(seed: seed)
        for step in time.bootSteps.withLock({ $0 }) { step() }
    }

    /// Adds something that is done after a power cut: what the kernel and the daemons of the machine do when they
    /// start.
    public func atBoot(_ step: @escaping @Sendable () -> Void) { time.bootSteps.withLock { $0.append(step) } }

    // MARK: The law

    /// Verifies that a property obeys the law: it is unmet, its check changes nothing, and after its apply it is
    /// satisfied and no staged file is left.
    ///
    /// - Returns: the change that the first check announced.
    /// - Throws: ``LawBroken`` if it does not, and the errors of the property.
    @discardableResult
    public func obeysLaw(_ property: some Property) async throws -> Change {
        let before = files.snapshot
        machine.forgetFacts()
        property.announce(to: machine)
        guard case .unmet(let change) = try await property.evaluate(on: machine) else {
            throw LawBroken("“\(property.name)” is not unmet before its apply")
        }
        guard files.snapshot == before else { throw LawBroken("the check of “\(property.name)” changes something") }
        try await property.apply(on: machine)
        let staged = files.snapshot.keys.filter { before[$0] == nil && $0.isStagingPath }
        guard staged.isEmpty else { throw LawBroken("“\(property.name)” leaves \(staged) behind") }
        machine.forgetFacts()
        let after = try await property.evaluate(on: machine)
        guard after == .satisfied else { throw LawBroken("“\(property.name)” is \(after) after its apply") }
        return change
    }

    /// The result of the check of a property, with all facts forgotten.
    public func check(_ property: some Property) async throws -> Check {
        machine.forgetFacts()
        property.announce(to: machine)
        return try await property.evaluate(on: machine)
    }
}

/// An error: a property breaks the law.
public struct LawBroken: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}
