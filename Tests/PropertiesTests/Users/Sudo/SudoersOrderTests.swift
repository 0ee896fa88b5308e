import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// The last of several rules counts, in the order of the names of the files.
@Suite(.recorded) struct SudoersOrderTests {
    let fake = FakeMachine(invoker: "pi")
    let stock = "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n\n@includedir /etc/sudoers.d\n"

    init() {
        fake.files.put("/etc/sudoers", stock, mode: 0o440)
        fake.files.put(directory: "/etc/sudoers.d", mode: 0o750)
        fake.files.put("/etc/sudoers.d/010_pi-nopasswd", "pi ALL=(ALL) NOPASSWD: ALL\n", mode: 0o440)
        fake.files.put("/etc/sudoers.d/README", "# pi ALL=(ALL) ALL\n", mode: 0o440)
        fake.files.put("/etc/group", "root:x:0:\nsudo:x:27:pi\npi:x:1000:\n")
        fake.commands.program("visudo")
    }

    @Test(arguments: [
        Sudoers("pi", .user("pi")), Sudoers("admins", .group("sudo")), Sudoers("all", .user("ALL")),
        Sudoers("pi", .user("pi"), commands: ["/usr/bin/apt-get", "/bin/sh"]),
    ])
    func `a later file that asks for a password is refused before it is in place`(_ rule: Sudoers) async throws {
        let before = fake.files.snapshot
        var failure = await #expect(throws: Failure.self) { try await fake.check(rule) }
        #expect(
            failure?.message
                == "with /etc/sudoers.d/\(rule.fileName), sudo would ask pi for a password, who runs Propel here "
                + "without one")
        #expect(failure?.advice?.contains("withoutPassword: true") == true)
        failure = await #expect(throws: Failure.self) { try await rule.apply(on: fake.machine) }
        #expect(failure != nil && fake.files.snapshot == before)
    }

    @Test(arguments: [
        Sudoers("pi", .user("pi"), withoutPassword: true), Sudoers("anna", .user("anna")),
        // It sorts before, so the rule of the image still counts last.
        Sudoers("001-pi", .group("sudo")),
        Sudoers("pi", .user("pi"), commands: ["/usr/bin/systemctl restart app"]),
        Sudoers("pi", .user("pi"), runAs: "www-data"),
        Sudoers("admins", .group("adm")),
    ])
    func `what leaves the user their rights is put in place`(_ rule: Sudoers) async throws {
        try await fake.obeysLaw(rule)
    }

    @Test func `somebody who came in with a password or as root can do so again`() async throws {
        try await FakeMachine.sudo(invoker: nil, stock, nopasswd: true).obeysLaw(Sudoers("pi", .user("pi")))
        try await FakeMachine.sudo(invoker: "pi", stock, nopasswd: false).obeysLaw(Sudoers("pi", .user("pi")))
    }

    @Test func `the rule that lets Propel in is not reverted`() async throws {
        try fake.files.remove("/etc/sudoers.d/010_pi-nopasswd")
        let rule = Sudoers("pi", .user("pi"), withoutPassword: true)
        try await fake.obeysLaw(rule)
        await #expect(throws: Failure.self) { try await fake.check(rule.reverted()) }
        await #expect(throws: Failure.self) { try await rule.revert(on: fake.machine) }
        #expect(fake.files["/etc/sudoers.d/pi"] != nil)
    }

    @Test func `a file that another one outranks is refused`() async throws {
        fake.files.put("/etc/sudoers.d/90-cloud-init-users", "# User rules for debian\ndebian ALL=(ALL) NOPASSWD:ALL\n")
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(Sudoers("50-debian", .user("debian")))
        }
        #expect(
            failure?.message
                == "/etc/sudoers.d/90-cloud-init-users, which sudo reads after /etc/sudoers.d/50-debian, has another rule "
                + "for debian, so sudo asks no password")
        try await fake.obeysLaw(Sudoers("zz-debian", .user("debian")))
        try fake.files.remove("/etc/sudoers.d/zz-debian")
        try await fake.obeysLaw(Sudoers("50-debian2", .user("debian"), withoutPassword: true))
    }

    @Test(arguments: [
        ("pi ALL=(ALL) NOPASSWD: ALL\n", false), ("pi ALL=(ALL) ALL\n", true),
        ("pi ALL = NOPASSWD:SETENV: ALL\n", false),
        ("pi ALL=(ALL) NOPASSWD: /bin/ls, PASSWD: ALL\n", true), ("anna, pi ALL=(ALL) NOPASSWD: ALL\n", false),
        ("User_Alias ADMINS = anna, pi\nADMINS ALL=(ALL) NOPASSWD: ALL\n", false),
        ("%sudo ALL=(ALL) NOPASSWD: \\\n  ALL\n", false), ("ALL, !pi ALL=(ALL) NOPASSWD: ALL\n", nil),
        ("#1000 ALL=(ALL) NOPASSWD: ALL\n", false), ("# pi ALL=(ALL) ALL\n", nil), ("#pi ALL=(ALL) ALL\n", nil),
        ("pi ALL=(ALL) ALL\nDefaults:pi !authenticate\n", false), ("pi ALL=(www-data) NOPASSWD: ALL\n", nil),
        ("pi ALL=(ALL) NOPASSWD: ALL\npi ALL=(ALL) ALL\n", true), ("@include /etc/more\n", false),
        ("#includedir /etc/dir\n", true), ("", nil),
    ])
    func `reads the rules as sudo does`(_ text: String, _ asks: Bool?) async throws {
        fake.files.put("/etc/sudoers", text)
        fake.files.put("/etc/more", "pi ALL=(ALL) NOPASSWD: ALL\n")
        fake.files.put("/etc/dir/10", "pi ALL=(ALL) ALL\n")
        fake.files.put("/etc/dir/99.bak", "pi ALL=(ALL) NOPASSWD: ALL\n", mode: 0o440)
        let user = try #require(try await fake.machine.user("pi"))
        #expect(try SudoRules(of: fake.machine).asksPassword(user, in: ["pi", "sudo"]) == asks)
    }
}

extension FakeMachine {
    /// A machine where the user pi is in the group sudo, and perhaps needs no password.
    fileprivate static func sudo(invoker: String?, _ stock: String, nopasswd: Bool) -> FakeMachine {
        let fake = FakeMachine(invoker: invoker)
        fake.files.put("/etc/sudoers", stock, mode: 0o440)
        fake.files.put(directory: "/etc/sudoers.d", mode: 0o750)
        fake.files.put("/etc/group", "root:x:0:\nsudo:x:27:pi\npi:x:1000:\n")
        if nopasswd { fake.files.put("/etc/sudoers.d/010_pi", "pi ALL=(ALL) NOPASSWD: ALL\n", mode: 0o440) }
        fake.commands.program("visudo")
        return fake
    }
}
