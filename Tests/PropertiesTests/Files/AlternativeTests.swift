import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct AlternativeTests {
    private let fake = FakeMachine()
    private let vim = Alternative("editor", "/usr/bin/vim.basic")

    private func plant(_ mode: String, _ path: String) {
        fake.files.put("/etc/alternatives/editor", linkTo: path)
        fake.files.put(
            "/var/lib/dpkg/alternatives/editor", "\(mode)\n/usr/bin/editor\n\n/bin/nano\n40\n/usr/bin/vim.basic\n30\n\n"
        )
        fake.commands.program("update-alternatives") { [fake] command in
            let isAutomatic = command.arguments[0] == "--auto"
            let record: FilePath = "/var/lib/dpkg/alternatives/editor"
            let rest = (fake.files.text(at: record) ?? "").drop { $0 != "\n" }
            fake.files.put(record, (isAutomatic ? "auto" : "manual") + rest)
            fake.files.put("/etc/alternatives/editor", linkTo: isAutomatic ? "/bin/nano" : command.arguments[2])
            return .printing()
        }
    }

    @Test func `an alternative is chosen and given back`() async throws {
        plant("auto", "/bin/nano")
        let before = fake.files.snapshot
        #expect(try await fake.obeysLaw(vim).reason == "/bin/nano → /usr/bin/vim.basic")
        #expect(fake.commands.log == ["update-alternatives --set editor /usr/bin/vim.basic"])
        #expect(try await fake.obeysLaw(vim.reverted()).reason == "/usr/bin/vim.basic → automatic")
        #expect(fake.files.snapshot == before)
    }

    @Test func `one that is used by its priority alone may change, so it is fixed`() async throws {
        plant("auto", "/usr/bin/vim.basic")
        #expect(try await fake.obeysLaw(vim).reason == "keep /usr/bin/vim.basic, whatever is installed")
    }

    @Test func `an alternative that no package has brought yet is waited for`() async throws {
        #expect(try await fake.check(vim).isUnknown)
        plant("auto", "/bin/nano")
        #expect(try await fake.check(Alternative("editor", "/usr/bin/vim")).isUnknown)
        #expect(try await fake.check(Alternative("php", "/usr/bin/php8.2").reverted()) == .satisfied)
    }

    @Test func `invalid names are problems`() {
        #expect(Alternative("--all", "/a").problems.count == 1 && Alternative("../x", "/a").problems.count == 1)
        #expect(Alternative("editor", "vim").problems.count == 1)
    }
}
