import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct NFSExportTests {
    private let fake = FakeMachine()
    private let media = NFSExport(
        "media", "/srv/my media", to: ["nas.example.com": ["ro"], "10.0.0.0/24": ["rw", "no_subtree_check"]])

    @Test func `a directory is exported, and taken back`() async throws {
        fake.commands.program("exportfs")
        fake.hasInstalled("nfs-kernel-server")
        let host = Host("test", runs: Debian.self) { media }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0)
        #expect(
            fake.files.text(at: "/etc/exports.d/media.exports")
                == "\"/srv/my media\" 10.0.0.0/24(rw,no_subtree_check) nas.example.com(ro)\n")
        #expect(fake.commands.log == ["exportfs -ra"])
        try await fake.obeysLaw(media.reverted())
        #expect(fake.files["/etc/exports.d"] == nil && fake.commands.log.count == 2)
    }

    @Test func `other options are a change, and the same ones need nothing`() async throws {
        try await fake.obeysLaw(media)
        #expect(try await fake.check(media) == .satisfied)
        let other = NFSExport("media", "/srv/my media", to: ["10.0.0.0/24": ["ro"]])
        #expect(try await fake.obeysLaw(other).diff?.text.contains("10.0.0.0/24(ro)") == true)
    }

    @Test(arguments: [
        NFSExport("", "/srv", to: ["*": ["ro"]]), NFSExport("a/b", "/srv", to: ["*": ["ro"]]),
        NFSExport("a", "srv", to: ["*": ["ro"]]), NFSExport("a", "/srv\"x", to: ["*": ["ro"]]),
        NFSExport("a", "/srv", to: [:]), NFSExport("a", "/srv", to: ["": ["ro"]]),
        NFSExport("a", "/srv", to: ["a b": ["ro"]]), NFSExport("a", "/srv", to: ["*": []]),
        NFSExport("a", "/srv", to: ["*": ["rw)", "x"]]),
    ]) func `an invalid export is a problem and writes nothing`(_ property: NFSExport) async throws {
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }
}
