import PropelTesting
import Properties
import RecordedOperations
import Synchronization
import Testing

@Suite(.recorded) struct SnapTests {
    private let fake = FakeMachine()
    private let snaps = Snaps()

    /// The channels of the installed packages.
    private final class Snaps: Sendable { let all = Mutex<[String: String]>([:]) }

    init() {
        fake.files.put("/usr/bin/snap", "", mode: 0o755)
        fake.commands.program("snap") { [snaps] command in
            let words = command.arguments, package = words.last ?? ""
            let channel = words.first { $0.hasPrefix("--channel=") }.map { String($0.dropFirst(10)) }
            return snaps.all.withLock { all in
                switch words.first {
                case "list":
                    let lines = all.sorted { $0.key < $1.key }.map { "\($0.key)  1.0  12  \($0.value)  canonical  -\n" }
                    return .printing(all.isEmpty ? "" : "Name Version Rev Tracking Publisher Notes\n" + lines.joined())
                case "install", "refresh": all[package] = channel ?? "latest/stable"
                case "remove": all[package] = nil
                default: return .failing()
                }
                return .printing()
            }
        }
    }

    @Test func `a package is installed, follows its channel, and is removed`() async throws {
        #expect(try await fake.obeysLaw(Snap("certbot", classic: true)).reason == "install")
        #expect(fake.commands.log.contains("snap install --classic certbot"))
        #expect(try await fake.check(Snap("certbot", channel: "stable")) == .satisfied)
        let edge = try await fake.obeysLaw(Snap("certbot", channel: "edge"))
        #expect(edge.reason == "channel latest/stable → latest/edge")
        #expect(fake.commands.log.contains("snap refresh --channel=latest/edge certbot"))
        #expect(try await fake.obeysLaw(Snap("lxd", channel: "5.21")).reason == "install from 5.21/stable")
        snaps.all.withLock { $0["lxd"] = "5.21/stable/fix-1234" }
        let branch = try await fake.obeysLaw(Snap("lxd", channel: "5.21"))
        #expect(branch.reason == "channel 5.21/stable/fix-1234 → 5.21/stable")
        try await fake.obeysLaw(Snap("certbot").reverted())
        #expect(snaps.all.withLock { $0 } == ["lxd": "5.21/stable"])
    }

    @Test func `without snapd nothing is known, and nothing is left to remove`() async throws {
        try fake.files.remove("/usr/bin/snap")
        #expect(try await fake.check(Snap("lxd")) == .unknown(until: "snapd is installed"))
        #expect(try await fake.check(Snap("lxd").reverted()) == .satisfied)
    }

    @Test(arguments: [
        Snap(""), Snap("-x"), Snap("a b"), Snap("a", channel: ""), Snap("a", channel: "-x"), Snap("a", channel: "x y"),
    ]) func `invalid parameters are a problem`(_ snap: Snap) { #expect(snap.problems.count == 1) }
}
