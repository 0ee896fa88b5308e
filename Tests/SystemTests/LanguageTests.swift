import Foundation
import Propel
import Testing

/// What a description has beside states, on a machine.
@Suite(.serialized) struct LanguageTests {
    @Test(.machine(role: "language")) func `a run goes on after a restart, and tells what must hold and what is left`()
        async throws
    {
        let machine = try TestMachine.current
        let plan = try await machine.configuration.propel("plan", machine.name, "--json")
        #expect(plan.status == 2, "\(plan)")
        let planned = try plan.properties.map(\.path)
        let restart = try #require(planned.firstIndex(of: "restart the machine"))
        #expect(planned[restart - 1] == "file /etc/before" && planned[restart + 1] == "file /etc/after", "\(plan)")

        // The run restarts the machine, and goes on by itself.
        let before = try await machine.ssh("cat /proc/sys/kernel/random/boot_id")
        let first = try await machine.configuration.propel(json: machine.name)
        #expect(first.status == 0, "\(first)")
        #expect(try await machine.ssh("cat /proc/sys/kernel/random/boot_id") != before)
        #expect(try await machine.ssh("cat /etc/after") == "1")
        let done = try first.properties.map(\.path)
        #expect(Set(done).count == done.count, "a property is reported twice: \(first)")
        // The page was there before what comes after it.
        let action = try #require(done.firstIndex(of: "restart page.socket"))
        #expect(try #require(done.firstIndex(of: "page.socket running, enabled")) == action + 1, "\(first)")
        #expect(try first.paths(.ok).contains("the page answers"), "\(first)")

        let second = try await machine.configuration.propel(json: machine.name)
        #expect(second.status == 0, "\(second)")
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")

        // What does not hold fails a run that changes nothing.
        try machine.describe(role: "language", keys: "status = \"500\"")
        let failed = try await machine.configuration.propel(json: machine.name)
        #expect(failed.status == 1, "\(failed)")
        #expect(try failed.paths(.failed) == ["the page answers"], "\(failed)")
        #expect(failed.output.contains("answers with status 200 in place of 500"), "\(failed)")

        // What is no longer declared is listed until it is removed.
        try machine.describe(role: "language", keys: "keeps = false")
        let left = try await machine.configuration.propel(json: machine.name)
        #expect(left.status == 0, "\(left)")
        let host = try #require(try left.lines.first { $0["kind"] == "host" })
        #expect(host["forgotten"]?.array?.map { $0["name"] } == ["/etc/kept"], "\(left)")
        let list = try await machine.configuration.propel("forgotten", machine.name)
        #expect(list.status == 0 && list.output.contains("File.Absent(\"/etc/kept\")"), "\(list)")
        let unknown = try await machine.configuration.propel(machine.name, "--remove", "/etc/page", "--yes")
        #expect(unknown.status == 1 && unknown.output.contains("is declared"), "\(unknown)")
        let unasked = try await machine.configuration.propel(machine.name, "--remove", "/etc/kept")
        #expect(unasked.status == 64 && unasked.errors.contains("--yes"), "\(unasked)")
        #expect(try await machine.ssh("cat /etc/kept") == "kept")
        let removed = try await machine.configuration.propel(machine.name, "--remove", "/etc/kept", "--yes")
        #expect(removed.status == 0, "\(removed)")
        #expect(try await machine.ssh("ls /etc/kept 2>&1 || true").contains("No such file"))
        #expect(try await machine.configuration.propel("forgotten", machine.name).output == "")
    }

    @Test(.machines) func `a generated secret is made once, and rotated`() async throws {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>", passphrase: "")
        let machine = try await TestMachine.up(role: "language", keys: "secret = true")
        try await machine.configuration.accredit(anna)
        let part = ["--only", "file /etc/secret", "--yes"]
        let path = machine.configuration.folder.appending(path: "secrets/hosts/\(machine.name)/page-password.gpg").path

        let plan = try await machine.configuration.propel(
            ["plan", machine.name, "--only", "file /etc/secret"], environment: anna.environment)
        #expect(plan.status == 2, "\(plan)")
        #expect(plan.output.contains("would generate the secret page-password"), "\(plan)")
        #expect(!FileManager.default.fileExists(atPath: path))

        let first = try await machine.configuration.propel([machine.name] + part, environment: anna.environment)
        #expect(first.status == 0, "\(first)")
        #expect(first.errors.contains("a password of 24 characters"), "\(first)")
        let password = try await machine.ssh("cat /etc/secret")
        #expect(password.wholeMatch(of: /[A-Za-z0-9_-]{24}/) != nil)
        #expect(!first.output.contains(password) && !first.errors.contains(password))

        let second = try await machine.configuration.propel([machine.name] + part, environment: anna.environment)
        #expect(second.status == 0, "\(second)")
        #expect(try await machine.ssh("cat /etc/secret") == password)

        let rotated = try await machine.configuration.propel(
            ["secret", "rotate", "page-password"], environment: anna.environment)
        #expect(rotated.status == 0 && rotated.errors.contains("`propel \(machine.name)`"), "\(rotated)")
        let third = try await machine.configuration.propel([machine.name] + part, environment: anna.environment)
        #expect(third.status == 0, "\(third)")
        let next = try await machine.ssh("cat /etc/secret")
        #expect(next != password && next.wholeMatch(of: /[A-Za-z0-9_-]{24}/) != nil)
    }
}
