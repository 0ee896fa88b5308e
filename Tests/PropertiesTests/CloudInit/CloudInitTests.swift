import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// cloud-init writes the host name and `/etc/hosts` again at the next boot, unless it is told to leave them.
@Suite(.recorded) struct CloudInitTests {
    let fake = FakeMachine()
    let dropIn: FilePath = "/etc/cloud/cloud.cfg.d/99-propel-hostname.cfg"

    init() {
        fake.files.put("/proc/sys/kernel/hostname", "debian\n")
        fake.files.put("/etc/hostname", "debian\n")
        fake.files.put("/etc/hosts", "127.0.0.1\tlocalhost\n")
        fake.files.put("/usr/bin/cloud-init", "", mode: 0o755)
        fake.files.put(directory: "/etc/cloud/cloud.cfg.d")
        fake.commands.program("hostname") { [files = fake.files] command in
            files.put("/proc/sys/kernel/hostname", command.arguments[1] + "\n")
            return .printing()
        }
    }

    @Test func `is told to keep the name`() async throws {
        let before = fake.files.snapshot
        let change = try await fake.obeysLaw(Hostname("web1.example.org"))
        #expect(change.reason.contains("99-propel-hostname.cfg: tell cloud-init to keep the name"))
        let text = try #require(fake.files.text(at: dropIn))
        #expect(text.hasSuffix("preserve_hostname: true\nmanage_etc_hosts: false\n"))
        #expect(fake.machine.followUps.isEmpty)
        try await fake.obeysLaw(Hostname("web1.example.org").reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `is told again after an update has removed the file`() async throws {
        try await fake.obeysLaw(Hostname("web1"))
        try fake.files.remove(dropIn)
        #expect(
            try await fake.obeysLaw(Hostname("web1")).reason == "\(dropIn): tell cloud-init to keep the name")
    }

    @Test func `is left alone where it does not run`() async throws {
        fake.files.put("/etc/cloud/cloud-init.disabled", "")
        try await fake.obeysLaw(Hostname("web1"))
        #expect(fake.files[dropIn] == nil)
    }

    @Test(arguments: [
        ("manage_etc_hosts: true", true), ("manage_etc_hosts: localhost # as before", true),
        ("manage_etc_hosts: False", false),
        ("preserve_hostname: false", true), ("preserve_hostname: 'true'", false), ("hostname: x", false),
        ("  manage_etc_hosts: true", false),
    ])
    func `what outranks the file is named`(_ data: String, _ isNamed: Bool) async throws {
        fake.files.put("/var/lib/cloud/instance/cloud-config.txt", "#cloud-config\n\n\(data)\nusers: []\n", mode: 0o600)
        fake.files.put("/boot/firmware/user-data", "#cloud-config\n")
        try await fake.obeysLaw(Hostname("web1"))
        #expect(fake.machine.followUps.isEmpty != isNamed)
        let key = String(data.prefix { $0 != ":" })
        if isNamed {
            #expect(
                fake.machine.followUps.first?.contains("\(key) in its user data (/boot/firmware/user-data)") == true)
        }
    }
}
