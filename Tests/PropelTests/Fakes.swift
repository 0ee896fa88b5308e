import Propel
import PropelTesting
import Synchronization

/// A property that is satisfied if the file `/flags/NAME` exists.
struct Flag: Revertible {
    typealias Target = UnixLike

    var name: String
    /// Called by its apply, before the flag is set.
    var apply: @Sendable (Machine) async throws -> Void = { _ in }
    var setsFlag = true
    /// Replaces the check.
    var answer: (@Sendable (Machine) async throws -> Check?)?
    var claims: [Claim] = []
    var ports: [Port] = []

    init(
        _ name: String, setsFlag: Bool = true, claims: [Claim] = [], ports: [Port] = [],
        apply: @escaping @Sendable (Machine) async throws -> Void = { _ in }
    ) {
        self.name = name
        self.setsFlag = setsFlag
        self.claims = claims
        self.ports = ports
        self.apply = apply
    }

    func answering(_ answer: @escaping @Sendable (Machine) async throws -> Check?) -> Flag {
        var copy = self
        copy.answer = answer
        return copy
    }

    static func path(_ name: String) -> FilePath { FilePath("/flags").appending(escaping: name) }

    func check(on machine: Machine) async throws -> Check {
        if let answer = try await answer?(machine) { return answer }
        return try machine.files.status(of: Self.path(name)) == nil ? .unmet("\(name) is not set") : .satisfied
    }

    func apply(on machine: Machine) async throws {
        try await apply(machine)
        if setsFlag { try machine.set(name) }
    }

    func checkReverted(on machine: Machine) async throws -> Check {
        try machine.files.status(of: Self.path(name)) == nil ? .satisfied : .unmet("\(name) is set")
    }

    func revert(on machine: Machine) async throws { try machine.files.remove(Self.path(name)) }
}

extension Machine {
    func set(_ flag: String) throws {
        try files.createDirectories("/flags", mode: 0o755)
        try files.replace(Flag.path(flag), with: [], mode: 0o644)
    }
}

extension Flag {
    /// A property whose apply fails.
    static func failing(_ name: String, _ error: any Error = Failure("no luck")) -> Flag {
        Flag(name) { _ in throw error }
    }
}

/// An action with a closure.
struct Note: Action {
    typealias Target = UnixLike
    var name: String
    var waitsForAll: Bool
    var body: @Sendable (Machine) async throws -> Void

    init(_ name: String, waitsForAll: Bool = true, body: @escaping @Sendable (Machine) async throws -> Void = { _ in })
    {
        self.name = name
        self.waitsForAll = waitsForAll
        self.body = body
    }

    func perform(on machine: Machine) async throws { try await body(machine) }
}

/// A restart of the machine that is only noted.
struct FakeRestart: RestartingAction {
    typealias Target = UnixLike
    let log: Recorder
    var fails = false
    var name: String { "restart the machine" }

    func perform(on machine: Machine) async throws {
        if fails { throw Failure("it does not restart") }
        log.add("restart")
    }
}

/// The events of a run or a plan.
final class Reports: Sendable {
    private let state = Mutex<[Event]>([])
    func add(_ event: Event) { state.withLock { $0.append(event) } }
    var events: [Event] { state.withLock { $0 } }
    var all: [PropertyReport] {
        events.compactMap { if case .property(let report) = $0 { report } else { nil } }
    }
    var statuses: [String: PropertyReport.Status] { Dictionary(all.map { ($0.path, $0.status) }) { $1 } }
    subscript(path: String) -> PropertyReport? { all.last { $0.path == path } }
}

/// The ranges of files of the repository that the laptop was asked for, in order.
final class AskedRanges: Sendable {
    private let state = Mutex<[ContentRange]>([])
    var ranges: [ContentRange] { state.withLock(\.self) }
    func add(_ range: ContentRange) { state.withLock { $0.append(range) } }

    func wait(for count: Int) async throws {
        while ranges.count < count { try await Task.sleep(for: .milliseconds(1)) }
    }
}

extension FakeMachine {
    func host(@PropertyBuilder<Debian> _ properties: () -> [Declaration]) -> Host {
        Host("test", runs: Debian.self, properties)
    }

    @discardableResult
    func plan(_ host: Host, only: [String] = []) async -> Reports {
        let reports = Reports()
        machine.forgetFacts()
        _ = await Engine(host: host, only: only, machine: machine) { reports.add($0) }.plan()
        return reports
    }

    @discardableResult
    func enforce(_ host: Host, only: [String] = []) async -> Reports {
        let reports = Reports()
        machine.forgetFacts()
        _ = await Engine(host: host, only: only, machine: machine) { reports.add($0) }.enforce()
        return reports
    }

    @discardableResult
    func plan(@PropertyBuilder<Debian> _ properties: () -> [Declaration]) async -> Reports {
        await plan(host(properties))
    }

    @discardableResult
    func enforce(@PropertyBuilder<Debian> _ properties: () -> [Declaration]) async -> Reports {
        await enforce(host(properties))
    }

    func put(flag name: String) { files.put(Flag.path(name), "") }
    func isSet(_ name: String) -> Bool { files[Flag.path(name)] != nil }
}
