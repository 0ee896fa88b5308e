import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct UserTests {
    let fake = FakeMachine()
    let hash = "$y$j9T$Kd3zWqj0gJ7$8lbWvXh5hZpF1cV0uQ.sT/2y"

    init() { plantAccountPrograms(fake) }

    @Test func `makes a user`() async throws {
        #expect(
            try await fake.obeysLaw(User("anna", groups: ["sudo"], comment: "Anna Berg", password: .hash(hash))).reason
                == "create")
        #expect(
            fake.commands.log == [
                "useradd --create-home --key HOME_MODE=0700 --user-group --groups sudo --comment 'Anna Berg' "
                    + "--shell /bin/bash -- anna",
                "chpasswd --encrypted",
            ])
        #expect(
            fake.files.text(at: "/etc/passwd")?.hasSuffix("anna:x:1001:1001:Anna Berg:/home/anna:/bin/bash\n") == true)
        #expect(fake.files.text(at: "/etc/group")?.contains("sudo:x:27:anna\n") == true)
        #expect(fake.files.text(at: "/etc/shadow")?.contains("anna:\(hash):20000:") == true)
        #expect(fake.files["/home/anna"]?.status.mode == 0o700)
    }

    @Test func `makes a system user without a home`() async throws {
        try await fake.obeysLaw(User("app", id: 900, home: "/srv/app", isSystem: true))
        #expect(
            fake.commands.log == [
                "useradd --no-create-home --system --uid 900 --user-group --home-dir /srv/app --shell "
                    + "/usr/sbin/nologin -- app"
            ])
    }

    @Test func `an existing group of the same name is used`() async throws {
        try await fake.obeysLaw(Group("anna", id: 1500))
        try await fake.obeysLaw(User("anna"))
        #expect(
            fake.commands.log.last == "useradd --create-home --key HOME_MODE=0700 --gid anna --shell /bin/bash -- anna")
    }

    @Test func `drift is repaired`() async throws {
        fake.files.put("/etc/group", "root:x:0:\nsudo:x:27:\naudio:x:29:pi\nvideo:x:44:pi\npi:x:1000:\n")
        let user = User("pi", groups: ["sudo", "audio"], comment: "Pi", shell: "/bin/zsh", isLingering: true)
        let change = try await fake.obeysLaw(user)
        #expect(change.reason == "add to sudo; comment “,,,” → “Pi”; shell /bin/bash → /bin/zsh; linger")
        #expect(
            fake.commands.log == [
                "usermod --append --groups sudo --comment Pi --shell /bin/zsh -- pi", "loginctl enable-linger pi",
            ])
        // Not asked for, so still there.
        #expect(fake.files.text(at: "/etc/group")?.contains("video:x:44:pi\n") == true)
        try await fake.obeysLaw(User("pi", isLingering: false))
    }

    @Test func `exact groups are all groups`() async throws {
        fake.files.put("/etc/group", "root:x:0:\nsudo:x:27:\naudio:x:29:pi,daemon\nvideo:x:44:pip,pi\npi:x:1000:\n")
        let change = try await fake.obeysLaw(User("pi", groups: ["sudo"], groupsAreExact: true))
        #expect(change.reason == "add to sudo, take out of audio, take out of video")
        #expect(fake.commands.log == ["usermod --groups sudo -- pi"])
        #expect(
            fake.files.text(at: "/etc/group")
                == "root:x:0:\nsudo:x:27:pi\naudio:x:29:daemon\nvideo:x:44:pip\npi:x:1000:\n")
        try await fake.obeysLaw(User("pi", groupsAreExact: true))
        #expect(fake.commands.log.last == "usermod --groups '' -- pi")
    }

    @Test func `the name of another is no membership`() async throws {
        fake.files.put("/etc/group", "sudo:x:27:pip,epi\npi:x:1000:\n")
        #expect(try await fake.check(User("pi", groups: ["sudo"])) == .unmet("add to sudo"))
        #expect(try await fake.check(User("pi", groups: ["pi"])) == .satisfied)
    }

    @Test func `the primary group converges`() async throws {
        #expect(try await fake.obeysLaw(User("pi", group: "daemon")).reason == "primary group pi → daemon")
        #expect(fake.commands.log == ["usermod --gid daemon -- pi"])
    }

    @Test func `a home that is gone is made again but not that of a system user`() async throws {
        try fake.files.remove("/home/pi")
        #expect(try await fake.check(User("daemon")) == .satisfied)
        #expect(try await fake.check(User("pi", createsHome: false)) == .satisfied)
        #expect(try await fake.obeysLaw(User("pi")).reason == "create /home/pi")
        #expect(fake.commands.log == ["mkhomedir_helper pi 0077"])
    }

    // MARK: Passwords

    @Test func `a hash is compared exactly and is in no argument`() async throws {
        #expect(try await fake.obeysLaw(User("pi", password: .hash(hash))).reason == "another password")
        #expect(try await fake.check(User("pi", password: .hash(hash))) == .satisfied)
        #expect(!fake.commands.log.contains { $0.contains("$y$") })
        #expect(try await fake.check(User("pi", password: .hash(hash + "x"))) == .unmet("another password"))
    }

    @Test func `a locked password fits nothing`() async throws {
        #expect(try await fake.check(User("pi", password: .locked)) == .satisfied)
        #expect(try await fake.check(User("daemon", password: .locked)) == .satisfied)
        try await fake.obeysLaw(User("pi", password: .hash(hash)))
        #expect(try await fake.obeysLaw(User("pi", password: .locked)).reason == "lock the password")
        #expect(fake.commands.log.last == "usermod --lock -- pi")
        // Locked, the hash is there still, and is not the declared one.
        try await fake.obeysLaw(User("pi", password: .hash(hash)))
        // Nobody needs a password to log in with an empty one.
        fake.files.put("/etc/shadow", "pi::19000:0:99999:7:::\n", mode: 0o640)
        #expect(try await fake.check(User("pi", password: .locked)) == .unmet("lock the password"))
    }

    @Test(arguments: ["secret", "", "*", "!", "$y$", "$6$salt$", "$6$a$b:c", "$6$a$b\nroot:$6$a$b", "$6$a$b c"])
    func `an invalid hash is refused and not shown`(hash: String) async throws {
        let failure = await #expect(throws: Failure.self) { try await fake.check(User("pi", password: .hash(hash))) }
        #expect(failure?.message == "invalid password hash")
        #expect(fake.commands.log.isEmpty)
    }

    // MARK: What must come before

    @Test func `a group that is not there may still come`() async throws {
        #expect(
            try await fake.check(User("pi", groups: ["sudo", "docker"])) == .unknown(until: "there is a group docker"))
        #expect(try await fake.check(User("anna", group: "media")) == .unknown(until: "there is a group media"))
        #expect(
            try await fake.check(User("pi", shell: "/usr/bin/fish"))
                == .unknown(until: "there is the shell /usr/bin/fish"))
    }

    @Test func `another UID or home is a failure`() async throws {
        await #expect(throws: Failure.self) { try await fake.check(User("pi", id: 1001)) }
        await #expect(throws: Failure.self) { try await fake.check(User("pi", home: "/srv/pi")) }
        let failure = await #expect(throws: Failure.self) { try await fake.check(User("anna", id: 1000)) }
        #expect(failure?.message == "the UID 1000 of anna belongs to pi")
    }

    @Test func `the home of another user is not taken over`() async throws {
        fake.files.put(directory: "/home/anna", mode: 0o755, owner: Owner(user: 1000, group: 1000))
        let failure = await #expect(throws: Failure.self) { try await fake.check(User("anna")) }
        #expect(failure?.message == "/home/anna exists and belongs to pi, but there is no user anna yet")
        fake.files.put(directory: "/home/anna", mode: 0o700, owner: Owner(user: 1007, group: 1007))
        #expect(try await fake.check(User("anna", id: 1007)) == .unmet("create"))
    }

    @Test(arguments: [
        "", "a b", "-a", "1st", "a:b", "a\n", "ä", "a/b", "..", "root\nx", String(repeating: "a", count: 33),
    ])
    func `an invalid name reaches no program`(name: String) async throws {
        let properties: [any Property] = [
            User(name), User.Absent(name), Group(name), Group.Absent(name), Membership(of: name, in: "sudo"),
            Membership.Absent(of: "pi", in: name), AuthorizedKeys(of: name, []),
        ]
        for property in properties { #expect(property.problems.count == 1, "\(property.name)") }
        await #expect(throws: Failure.self) { try await fake.check(User(name)) }
        await #expect(throws: Failure.self) { try await fake.check(User.Absent(name)) }
        await #expect(throws: Failure.self) { try await fake.check(User("pi", groups: [name])) }
        await #expect(throws: Failure.self) { try await fake.check(Group(name)) }
        await #expect(throws: Failure.self) { try await fake.check(Membership(of: name, in: "sudo")) }
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `values that do not fit the file are rejected`() async throws {
        let bad = [
            User("anna", comment: "a:b"), User("anna", comment: "a\nroot::0:0::/:"), User("anna", shell: "bin/bash"),
            User("anna", shell: "/bin/ba:sh"), User("anna", home: "home"), User("anna", home: "/home/a\nb"),
            User("anna", id: .max),
        ]
        for user in bad { await #expect(throws: Failure.self) { try await fake.check(user) } }
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `two declarations of one user must agree`() {
        func host(_ first: User, _ second: User) -> Host {
            Host("test", runs: Debian.self) {
                first
                second
            }
        }
        #expect(host(User("anna"), User("anna")).conflicts.isEmpty)
        let found = host(User("anna", password: .hash(hash)), User("anna", password: .locked)).conflicts
        #expect(found.map(\.subject) == ["the user anna"])
        #expect(!found.description.contains("$y$"))
    }

    // MARK: Absence, groups

    @Test func `removes a user and keeps the home`() async throws {
        #expect(try await fake.obeysLaw(User.Absent("pi")).reason == "remove pi, the home /home/pi stays")
        #expect(fake.commands.log == ["userdel -- pi"])
        #expect(fake.files["/home/pi"] != nil)
        #expect(try await fake.check(User.Absent("p")) == .satisfied)
    }

    @Test func `removes a user and the home where that is asked for`() async throws {
        try await fake.obeysLaw(User.Absent("pi", removesHome: true))
        #expect(fake.commands.log == ["userdel --remove -- pi"])
    }

    @Test func `root cannot be removed`() async throws {
        await #expect(throws: Failure.self) { try await fake.check(User.Absent("root")) }
        await #expect(throws: Failure.self) { try await fake.check(Group.Absent("root")) }
    }

    @Test func `makes and removes a group`() async throws {
        try await fake.obeysLaw(Group("media", id: 2000))
        try await fake.obeysLaw(Group("app", id: 900, isSystem: true))
        try await fake.obeysLaw(Group.Absent("media"))
        #expect(
            fake.commands.log == [
                "groupadd --gid 2000 -- media", "groupadd --system --gid 900 -- app", "groupdel -- media",
            ])
        await #expect(throws: Failure.self) { try await fake.check(Group("sudo", id: 28)) }
        await #expect(throws: Failure.self) { try await fake.check(Group("new", id: 27)) }
        #expect(try await fake.check(Group("sudo")) == .satisfied)
    }

    @Test func `adds a user to a group once packages have made it`() async throws {
        #expect(try await fake.check(Membership(of: "pi", in: "docker")) == .unknown(until: "there is a group docker"))
        #expect(try await fake.check(Membership(of: "anna", in: "sudo")) == .unknown(until: "there is a user anna"))
        #expect(try await fake.obeysLaw(Membership(of: "pi", in: "sudo")).reason == "add pi to sudo")
        #expect(fake.commands.log == ["usermod --append --groups sudo -- pi"])
    }

    @Test func `takes a user out of a group, and out of no other`() async throws {
        fake.files.put("/etc/group", "root:x:0:\nsudo:x:27:pi,anna\ndocker:x:110:anna,pi\npi:x:1000:\n")
        let absent = Membership.Absent(of: "pi", in: "docker")
        #expect(try await fake.obeysLaw(absent).reason == "remove pi from docker")
        #expect(fake.commands.log == ["gpasswd --delete pi docker"])
        #expect(
            fake.files.text(at: "/etc/group") == "root:x:0:\nsudo:x:27:pi,anna\ndocker:x:110:anna\npi:x:1000:\n")
        for (user, group) in [("pi", "nothing"), ("nobody-yet", "sudo"), ("an", "sudo")] {
            #expect(try await fake.check(Membership.Absent(of: user, in: group)) == .satisfied)
        }
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(Membership.Absent(of: "pi", in: "pi"))
        }
        #expect(failure?.message == "pi is the primary group of pi")
        for name in ["", "-a", "a:b"] {
            await #expect(throws: Failure.self) { try await fake.check(Membership.Absent(of: name, in: "sudo")) }
            await #expect(throws: Failure.self) {
                try await Membership.Absent(of: "pi", in: name).apply(on: fake.machine)
            }
        }
    }

    @Test func `a user who is in a group and not in it is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            User("pi", groups: ["docker", "sudo"])
            Membership(of: "pi", in: "sudo")
            Membership.Absent(of: "pi", in: "docker")
        }
        #expect(host.conflicts.map(\.subject) == ["pi in the group docker"])
    }

    // MARK: A password from a secret

    private func run(_ plaintext: String, version: String = "1") -> FakeMachine {
        fake.run(
            with: Secrets(versions: ["pw": version]) { _ in ["pw": try SecretBytes(copying: Array(plaintext.utf8))] })
    }

    private let secretive = User("pi", password: .secret(Secret("pw")))

    @Test func `a secret is set once and is in no argument`() async throws {
        let change = try await run("canary").obeysLaw(secretive)
        #expect(change.reason == "set the password from the secret pw")
        #expect(change.secrets == [Secret("pw")])
        #expect(fake.commands.log == ["chpasswd"])
        #expect(!"\(fake.commands.log)".contains("canary"))
        // Without any plaintext at hand.
        #expect(try await fake.run(with: Secrets(versions: ["pw": "1"])).check(secretive) == .satisfied)
        #expect(
            try await fake.run(with: Secrets(versions: ["pw": "2"])).check(secretive).reason
                == "set the password from the secret pw")
    }

    @Test func `a password set by another program is found`() async throws {
        try await run("canary").obeysLaw(secretive)
        try await fake.obeysLaw(User("pi", password: .hash(hash)))
        #expect(try await fake.run(with: Secrets(versions: ["pw": "1"])).check(secretive).reason == "another password")
        try await run("canary").obeysLaw(secretive)
    }

    @Test func `a newline from an editor is not part of the password`() async throws {
        try await run("secret\n").obeysLaw(secretive)
        #expect(fake.files.text(at: "/etc/shadow")?.contains("$6:") == true)
    }

    @Test(arguments: ["", "\n", "two\nlines", "a\rb", "a\0b", "x\nroot:pwned"])
    func `an invalid password is rejected`(plaintext: String) async throws {
        let target = run(plaintext)
        let failure = await #expect(throws: Failure.self) { try await secretive.apply(on: target.machine) }
        #expect(failure?.message.contains("secret pw") == true)
        #expect(!"\(String(describing: failure))".contains("pwned"))
        #expect(fake.commands.log == [])
    }
}
