import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct CacheCleanedTests {
    private let fake = FakeMachine()

    private func cleans() {
        fake.commands.program("apt-get") { [fake] _ in
            for path in fake.files.snapshot.keys where path.extension == "deb" { try fake.files.remove(path) }
            return .printing()
        }
    }

    @Test func `downloaded packages are removed`() async throws {
        cleans()
        fake.files.put("/var/cache/apt/archives/lock", "")
        fake.files.put("/var/cache/apt/archives/git_2.39_amd64.deb", "x")
        #expect(try await fake.check(Apt.CacheCleaned()).reason == "remove a downloaded package")
        fake.files.put("/var/cache/apt/archives/partial/curl_7.88_amd64.deb", "x")
        #expect(try await fake.obeysLaw(Apt.CacheCleaned()).reason == "remove 2 downloaded packages")
        #expect(fake.commands.log == ["apt-get --quiet clean"])
        #expect(fake.files.text(at: "/var/cache/apt/archives/lock") == "")
    }

    @Test func `without downloads nothing runs`() async throws {
        #expect(try await fake.check(Apt.CacheCleaned()) == .satisfied)
        fake.files.put("/var/cache/apt/archives/lock", "")
        fake.files.put(directory: "/var/cache/apt/archives/partial")
        #expect(try await fake.check(Apt.CacheCleaned()) == .satisfied)
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `a clean without effect has failed`() async throws {
        fake.commands.program("apt-get")
        fake.files.put("/var/cache/apt/archives/git_2.39_amd64.deb", "x")
        await #expect(throws: LawBroken.self) { try await fake.obeysLaw(Apt.CacheCleaned()) }
    }
}
