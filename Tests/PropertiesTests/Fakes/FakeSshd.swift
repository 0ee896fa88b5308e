import PropelTesting

@testable import Properties

/// sshd(8) as far as these tests need it: it reads its files, and prints what counts.
struct FakeSshd: Sendable {
    let fake: FakeMachine

    /// - Parameters:
    ///   - fake: the machine, with what is in its `sshd_config`.
    ///   - extra: what `sshd -T` prints beside the settings for all connections, such as those of a `Match` block.
    @discardableResult
    init(_ fake: FakeMachine, _ main: String? = Self.stock, extra: String = "") {
        self.fake = fake
        fake.files.put(directory: "/run")
        fake.files.put("/usr/sbin/sshd", "")
        fake.files.put(directory: "/etc/ssh/sshd_config.d")
        if let main { fake.files.put("/etc/ssh/sshd_config", main) }
        _ = FakeSystemd(fake, ["ssh.service": .init(active: "active", file: "enabled")])
        fake.commands.program("/usr/sbin/sshd") { command in
            guard fake.files["/run/sshd"] != nil else {
                return .failing(255, "Missing privilege separation directory: /run/sshd\n")
            }
            guard let file = command.arguments.drop(while: { $0 != "-f" }).dropFirst().first,
                let text = fake.files.text(at: FilePath(file))
            else { return .failing(1, "no file\n") }
            let configuration = try SshdConfiguration(
                on: fake.machine, main: TextLines(Array(text.utf8)), with: "/nothing", as: nil)
            if let unknown = configuration.entries.first(where: { $0.keyword == "prt" }) {
                return .failing(255, "\(unknown.file) line 1: Bad configuration option: Prt\n")
            }
            let lines = configuration.values.sorted { $0.key < $1.key }.flatMap { keyword, values in
                values.map { "\(keyword) \($0)\n" }
            }
            return .printing(lines.joined() + extra)
        }
    }

    static let stock = """
        # This is the sshd server system-wide configuration file.

        Include /etc/ssh/sshd_config.d/*.conf

        #Port 22
        KbdInteractiveAuthentication no
        UsePAM yes
        Subsystem sftp /usr/lib/openssh/sftp-server

        """
}
