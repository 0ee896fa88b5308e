import Foundation
import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct SSHKeyTests {
    private let fake = FakeMachine()
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1 pi"

    init() {
        fake.commands.program("runuser") { [fake] command in
            guard command.arguments.prefix(4) == ["--user", "pi", "--", "/bin/sh"] else { return .failing() }
            let home = FilePath(command.arguments[7]), name = command.arguments[8]
            for file in [name, name + ".pub"] { fake.files.put(home.appending(".ssh").appending(file), "") }
            return .printing(Self.key + "\n")
        }
    }

    @Test func `a key is made with the rights of the user, and the public one is shown`() async throws {
        #expect(try await fake.obeysLaw(SSHKey(of: "pi")).reason == "make /home/pi/.ssh/id_ed25519")
        #expect(fake.machine.followUps == ["authorize the new key of pi where it should log in: \(Self.key)"])
        try fake.files.remove("/home/pi/.ssh/id_ed25519.pub")
        #expect(
            try await fake.obeysLaw(SSHKey(of: "pi")).reason
                == "make /home/pi/.ssh/id_ed25519.pub of the private key")
    }

    @Test func `waits for the user and the home`() async throws {
        #expect(try await fake.check(SSHKey(of: "anna")) == .unknown(until: "there is a user anna"))
        try fake.files.remove("/home/pi")
        #expect(try await fake.check(SSHKey(of: "pi")) == .unknown(until: "there is the home /home/pi"))
    }

    private func hasKey(_ text: String = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", isWhole: Bool = true) {
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: Owner(user: 1000, group: 1000))
        fake.files.put("/home/pi/.ssh/id_ed25519", text, mode: 0o600)
        if isWhole { fake.files.put("/home/pi/.ssh/id_ed25519.pub", Self.key + "\n") }
        fake.files.put("/home/pi/.ssh/config", "Host *\n")
    }

    @Test func `a key is removed, and the report says what may still be authorized`() async throws {
        let absent = SSHKey.Absent(of: "pi")
        #expect(try await fake.check(absent) == .satisfied)
        hasKey()
        #expect(
            try await fake.obeysLaw(absent).reason == "remove /home/pi/.ssh/id_ed25519 and its public key")
        #expect(fake.machine.followUps == ["take the removed key of pi out where it is authorized: \(Self.key)"])
        #expect(try fake.files.list("/home/pi/.ssh") == ["config"])
        // Of no file is a copy left.
        #expect(fake.files["/var/lib/propel"] == nil)
        hasKey(isWhole: false)
        #expect(try await fake.obeysLaw(absent).reason == "remove /home/pi/.ssh/id_ed25519")
        #expect(try await fake.check(SSHKey.Absent(of: "nobody-yet")) == .satisfied)
    }

    @Test func `a key of a type that sshd no longer accepts goes too`() async throws {
        hasKey()
        fake.files.put("/home/pi/.ssh/id_dsa", "-----BEGIN DSA PRIVATE KEY-----\nx\n", mode: 0o600)
        fake.files.put("/home/pi/.ssh/id_dsa.pub", "ssh-dss AAAAB3NzaC1kc3M= pi\n")
        try await fake.obeysLaw(SSHKey.Absent(of: "pi", name: "id_dsa"))
        #expect(try fake.files.list("/home/pi/.ssh") == ["config", "id_ed25519", "id_ed25519.pub"])
    }

    @Test func `what is no key stays`() async throws {
        hasKey("Host *\n")
        for absent in [SSHKey.Absent(of: "pi"), .init(of: "pi", name: "config")] {
            await #expect(throws: Failure.self) { try await fake.check(absent) }
            await #expect(throws: Failure.self) { try await absent.apply(on: fake.machine) }
        }
        #expect(try fake.files.list("/home/pi/.ssh").count == 3)
        let host = Host("x", runs: Debian.self) {
            SSHKey(of: "pi")
            SSHKey.Absent(of: "pi")
        }
        #expect(host.conflicts.count == 1)
    }

    @Test(arguments: Fault.allCases) func `what a fault has cut is finished`(_ fault: Fault) async throws {
        try await FakeMachine.verify(SSHKey.Absent(of: "pi"), survives: fault) {
            let tests = SSHKeyTests()
            tests.hasKey()
            return tests.fake
        }
    }

    @Test(arguments: ["", "../x", "-f", "id.pub", ".ssh", "a b"]) func `an invalid name is a problem`(_ name: String) {
        #expect(SSHKey(of: "pi", name: name).problems.count == 1)
        #expect(SSHKey.Absent(of: "pi", name: name).problems.count == 1)
        #expect(SSHKey(of: "pi", comment: "a\nb").problems.count == 1)
    }

    /// Runs the script itself, with a program in the place of ssh-keygen.
    /// - Returns: what it prints.
    private func make(in home: URL, noting noted: String = "") throws -> String {
        let programs = home.appending(path: "bin"), ssh = home.appending(path: ".ssh")
        for directory in [programs, ssh] {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        }
        try writeProgram(
            "#!/bin/sh\ncase \"$*\" in *-y*) echo \"public of $(cat \"$3\")\";; *) for f; do :; done; [ ! -e \"$f\" ] && "
                + "echo private > \"$f\" && echo x > \"$f.pub\";; esac\n", to: programs.path + "/ssh-keygen")
        try Data("half".utf8).write(to: ssh.appending(path: ".id_a.propel"))
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-euc", noted + SSHKey.script, "sh", home.path, "id_a", "a comment"]
        shell.environment = ["PATH": programs.path + ":/usr/bin:/bin"]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        return String(decoding: printed, as: UTF8.self)
    }

    private func withHome(_ body: (URL) throws -> Void) throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "propel-key-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        try body(home)
    }

    @Test func `a key gets its name when it is whole, and what a killed run has left does not count`() throws {
        try withHome { home in
            #expect(try make(in: home) == "public of private\n")
            let ssh = home.appending(path: ".ssh")
            let files = try FileManager.default.contentsOfDirectory(atPath: ssh.path).sorted()
            #expect(files == ["id_a", "id_a.pub"])
            let mode = try FileManager.default.attributesOfItem(atPath: ssh.path + "/id_a")[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `both keys are on the disk before their names lead to them`() throws {
        try withHome { home in
            let noted = "sync() { echo \"sync $1\"; }; mv() { echo \"mv $4\"; command mv \"$@\"; }; "
            let printed = try make(in: home, noting: noted)
            #expect(
                printed == """
                    sync .id_a.propel
                    mv id_a
                    sync .id_a.pub.propel
                    mv id_a.pub
                    public of private

                    """)
        }
    }
}
