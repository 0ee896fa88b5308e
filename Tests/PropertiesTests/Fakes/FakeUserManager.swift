import PropelTesting
import Properties

/// A machine with a service manager of the user pi that starts with `user@1000.service`, and the units that it has
/// then.
struct FakeUserManager {
    let fake = FakeMachine()
    let systemd: FakeSystemd
    static let socket: FilePath = "/run/user/1000/systemd/private"
    /// There while the service manager is about to end, and its socket is still there.
    static let ending: FilePath = "/run/user/1000/systemd/ending"

    init(_ units: [String: FakeSystemd.Unit] = [:]) {
        let fake = fake
        let systemd = FakeSystemd(fake, units)
        self.systemd = systemd
        fake.files.put(directory: "/var/lib/systemd/linger")
        fake.commands.program("systemctl") { command in
            guard command.arguments.contains("user@1000.service") else { return .failing() }
            if command.arguments.first == "show" {
                let isEnding = fake.files[Self.ending] != nil
                return .printing(
                    isEnding ? "deactivating\n" : fake.files[Self.socket] == nil ? "inactive\n" : "active\n")
            }
            try? fake.files.remove(Self.ending)
            fake.files.put(Self.socket, "")
            return .printing()
        }
        fake.commands.program("loginctl") { command in
            fake.files.put(FilePath("/var/lib/systemd/linger/\(command.arguments[1])"), "")
            return .printing()
        }
        fake.commands.program("runuser") { command in
            guard command.arguments.prefix(5) == ["--user", "pi", "--", "systemctl", "--user"],
                command.environment["XDG_RUNTIME_DIR"] == "/run/user/1000", fake.files[Self.socket] != nil,
                fake.files[Self.ending] == nil
            else { return .failing(1, "Failed to connect to bus: No such file or directory") }
            return systemd.answer(Invocation("systemctl", Array(command.arguments.dropFirst(5))))
        }
    }
}
