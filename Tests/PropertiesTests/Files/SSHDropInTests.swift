import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct SSHDropInTests {
    let fake = FakeMachine()

    init() {
        fake.files.put(
            "/etc/ssh/sshd_config.d/50-cloud-init.conf", "# by cloud-init\nPasswordAuthentication yes\nPort 22\n")
    }

    @Test func `a file that sshd reads first is named`() async throws {
        try await fake.obeysLaw(
            File("/etc/ssh/sshd_config.d/60-keys.conf", "passwordauthentication no\nPort 2222\nPermitRootLogin no\n"))
        #expect(
            fake.machine.followUps == [
                "rename /etc/ssh/sshd_config.d/60-keys.conf or change /etc/ssh/sshd_config.d/50-cloud-init.conf, which "
                    + "sshd reads first: “PasswordAuthentication yes” outranks “passwordauthentication no”"
            ])
    }

    @Test(arguments: [
        ("10-keys.conf", "PasswordAuthentication no\n"), ("60-keys.conf", "PasswordAuthentication yes\n"),
        ("60-keys.conf", "Match User ben\nPasswordAuthentication no\n"),
        ("60-keys.conf", "#PasswordAuthentication no\n"),
    ])
    func `what counts is not complained about`(_ name: String, _ text: String) async throws {
        try await fake.obeysLaw(File("/etc/ssh/sshd_config.d/\(name)", text))
        #expect(fake.machine.followUps.isEmpty)
    }
}
