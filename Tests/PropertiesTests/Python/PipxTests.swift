import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct PipxTests {
    private let fake = FakeMachine()

    init() {
        fake.commands.program("pipx") { [fake] command in
            let packages = FilePath(command.environment["PIPX_HOME"] ?? "").appending("venvs")
            let words = command.arguments
            let parts = (words.last ?? "").split(separator: "=").map(String.init)
            let file = packages.appending(parts[0]).appending("pipx_metadata.json")
            if words[0] == "uninstall" {
                try fake.files.remove(file)
            } else {
                let version = parts.count > 1 ? parts[1] : "9.9"
                fake.files.put(
                    file, "{\"main_package\": {\"package\": \"\(parts[0])\", \"package_version\": \"\(version)\"}}")
            }
            return .printing()
        }
        fake.runsProgramsOfPi()
    }

    @Test func `a program is installed, exchanged and removed`() async throws {
        #expect(try await fake.obeysLaw(Python.Application("httpie", version: "3.2.1")).reason == "install 3.2.1")
        #expect(fake.commands.log == ["pipx install --force httpie==3.2.1"])
        #expect(try await fake.check(Python.Application("httpie")) == .satisfied)
        let next = Python.Application("httpie", version: "3.2.2")
        #expect(try await fake.obeysLaw(next).reason == "3.2.1 → 3.2.2")
        #expect(try await fake.obeysLaw(next.reverted()).reason == "uninstall")
    }

    @Test func `a user has it in the home`() async throws {
        try await fake.obeysLaw(Python.Application("poetry", user: "pi"))
        #expect(fake.files["/home/pi/.local/pipx/venvs/poetry/pipx_metadata.json"] != nil)
        #expect(fake.commands.log.first == "runuser --user pi -- pipx install --force poetry")
        #expect(try await fake.check(Python.Application("poetry")).reason == "install")
        #expect(try await fake.check(Python.Application("poetry", user: "anna")).isUnknown)
    }

    @Test(arguments: ["", "-x", "a b", "Httpie", "a==1", "git+https://x"]) func `an invalid name is a problem`(
        _ name: String
    ) {
        #expect(Python.Application(name).problems.count == 1)
    }

    @Test(arguments: ["", "1; x", ">=2"]) func `an invalid version is a problem`(_ version: String) {
        #expect(Python.Application("httpie", version: version).problems.count == 1)
    }
}
