import PropelTesting
import Synchronization
import Testing

@testable import Properties

@Suite struct SnapTests {
    private let fake = FakeMachine()
    private let snaps = Table()

    /// By name: the channel, and the notes.
    private final class Table: Sendable { let rows = Mutex<[String: (channel: String, notes: String)]>([:]) }

    init() {
        fake.files.put("/usr/bin/snap", "", mode: 0o755)
        fake.hasInstalled("snapd")
        fake.commands.program("snap") { [snaps] command in
            let words = command.arguments, name = words.last ?? ""
            let channel = words.first { $0.hasPrefix("--channel=") }.map { String($0.dropFirst(10)) }
            switch words[0] {
            case "list":
                let rows = snaps.rows.withLock { $0 }.sorted { $0.key < $1.key }
                return .printing(
                    "Name   Version  Rev  Tracking  Publisher  Notes\n"
                        + rows.map { "\($0.key)  1.0   12  \($0.value.channel)  canonical✓   \($0.value.notes)\n" }
                        .joined())
            case "remove": snaps.rows.withLock { $0[name] = nil }
            case "enable": snaps.rows.withLock { $0[name]?.notes = "-" }
            case "refresh": snaps.rows.withLock { $0[name]?.channel = channel ?? "" }
            default:
                let notes = words.contains("--classic") ? "classic" : "-"
                snaps.rows.withLock { $0[name] = (channel ?? "latest/stable", notes) }
            }
            return .printing()
        }
    }

    private func plant(_ name: String, _ channel: String = "latest/stable", _ notes: String = "-") {
        snaps.rows.withLock { $0[name] = (channel, notes) }
    }

    @Test func `a snap is installed, follows another channel, and is removed`() async throws {
        #expect(try await fake.obeysLaw(Snap("microk8s", isClassic: true)).reason == "install")
        let channel = Snap("microk8s", channel: "1.30/stable", isClassic: true)
        #expect(try await fake.obeysLaw(channel).reason == "channel latest/stable → 1.30/stable")
        #expect(try await fake.obeysLaw(channel.reverted()).reason == "remove")
        #expect(
            fake.commands.log.filter { !$0.hasPrefix("snap list") } == [
                "snap install --classic microk8s", "snap refresh --channel=1.30/stable microk8s",
                "snap remove microk8s",
            ])
    }

    @Test(arguments: [
        ("latest/stable", "stable"), ("latest/stable", "latest"), ("latest/edge", "edge"), ("1.30/stable", "1.30"),
        ("latest/stable/…", "latest/stable/hotfix"), ("latest/edge", "latest/edge"),
    ]) func `the same channel in other words is kept`(_ present: String, _ declared: String) async throws {
        plant("x", present)
        #expect(try await fake.check(Snap("x", channel: declared)) == .satisfied)
    }

    @Test(arguments: [("latest/stable", "edge"), ("1.3/stable", "1.30"), ("latest/stable/…", "latest/edge/hotfix")])
    func `another channel is not`(_ present: String, _ declared: String) async throws {
        plant("x", present)
        #expect(try await fake.check(Snap("x", channel: declared)).reason == "channel \(present) → \(declared)")
        #expect(try await fake.check(Snap("x")) == .satisfied)
    }

    @Test func `a snap that is disabled is enabled`() async throws {
        plant("core20", "latest/stable", "base,disabled")
        #expect(try await fake.obeysLaw(Snap("core20")).reason == "enable")
        #expect(try await fake.check(Snap("core2")).reason == "install")
    }

    @Test func `a snap goes, with its data on request`() async throws {
        plant("lxd")
        #expect(try await fake.obeysLaw(Snap.Absent("lxd", purge: true)).reason == "purge")
        #expect(fake.commands.log.contains("snap remove --purge lxd"))
        #expect(try await fake.check(Snap.Absent("lxd")) == .satisfied)
    }

    @Test func `one question answers for all snaps, and none is asked without snapd`() async throws {
        plant("a")
        fake.machine.forgetFacts()
        for name in ["a", "b", "c"] { _ = try await Snap(name).check(on: fake.machine) }
        #expect(fake.commands.log.count == 1)
        try fake.files.remove("/usr/bin/snap")
        #expect(try await fake.check(Snap("a")) == .unknown(until: "snapd is installed"))
        #expect(try await fake.check(Snap.Absent("a")) == .satisfied)
        #expect(fake.commands.log.count == 1)
    }

    @Test func `an install without effect has failed`() async throws {
        fake.commands.program("snap", prints: "No snaps are installed yet.\n")
        await #expect(throws: LawBroken.self) { try await fake.obeysLaw(Snap("x")) }
    }

    @Test(arguments: [
        Snap(""), Snap("-x"), Snap("X"), Snap("a b"), Snap("a", channel: ""), Snap("a", channel: "--x"),
        Snap("a", channel: "a/b/c/d"), Snap("a", channel: "a b"),
    ]) func `an invalid declaration is a problem`(_ snap: Snap) {
        #expect(snap.problems.count == 1)
    }
}
