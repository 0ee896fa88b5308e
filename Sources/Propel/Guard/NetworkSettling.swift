/// The wait until a change of the network is in effect.
///
/// `systemctl restart systemd-networkd` returns before the interfaces are configured, so a new connection could still
/// come over the address that is about to go.
struct NetworkSettling: Sendable {
    /// The state of each interface, by its index (systemd-networkd keeps it for networkctl(1)).
    private static let links: FilePath = "/run/systemd/netif/links"
    private static let pause: Duration = .milliseconds(200)
    /// The looks at the interfaces, 20 s together: one for which no DHCP server answers is never configured. They are
    /// counted, since the time in which the process did not run says nothing about the network.
    private static let limit = 100

    let machine: Machine
    /// The time to wait at least: other programs keep no state that could be read.
    let minimum: Duration

    /// Waits, as long as the task is not cancelled.
    func wait() async {
        for count in 1... {
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
            if Self.pause * count >= minimum, count >= Self.limit || !isConfiguring { return }
        }
    }

    private var isConfiguring: Bool {
        let names = (try? machine.files.list(Self.links)) ?? []
        return names.contains { name in
            let state = (try? machine.files.readIfPresent(Self.links.appending(name))) ?? nil
            let lines = String(decoding: state ?? [], as: UTF8.self).lines
            return ["pending", "initialized", "configuring"].contains { lines.contains("ADMIN_STATE=\($0)") }
        }
    }
}
