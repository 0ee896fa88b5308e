/// The declaration of a ``NetworkInterface`` for the program that manages it.
struct InterfaceConfiguration {
    let interface: NetworkInterface
    let manager: NetworkInterface.Manager

    init(_ interface: NetworkInterface, _ manager: NetworkInterface.Manager) {
        self.interface = interface
        self.manager = manager
    }

    private var name: String { interface.interface }

    /// The file of the interface.
    var file: File {
        switch manager {
        // netplan warns of files that everybody may read. The last one counts.
        case .netplan: File(FilePath("/etc/netplan/90-propel-\(name).yaml"), Content(netplan), mode: 0o600)
        case .ifupdown: File(FilePath("/etc/network/interfaces.d/propel-\(name)"), Content(ifupdown))
        case .networkManager:
            File(
                FilePath("/etc/NetworkManager/system-connections/propel-\(name).nmconnection"), Content(networkManager),
                mode: 0o600)
        // The first one that matches counts; those of netplan and cloud-init begin with 10.
        case .networkd: File(FilePath("/etc/systemd/network/05-propel-\(name).network"), Content(networkd))
        }
    }

    /// The commands that bring the file, or its absence, into effect.
    /// - Parameters:
    ///   - former: a file with what ifupdown had for the interface before.
    ///   - isReverted: whether the file is gone.
    func commands(replacing former: FilePath, isReverted: Bool = false) -> [Invocation] {
        switch manager {
        case .netplan: [Invocation("netplan", ["apply"])]
        case .ifupdown: [Self.ifupdown(name, replacing: former)]
        case .networkManager:
            [
                Invocation("nmcli", ["connection", "reload"]),
                Invocation(
                    "nmcli", isReverted ? ["device", "connect", name] : ["connection", "up", "id", "propel-\(name)"]),
            ]
        case .networkd:
            [Invocation("networkctl", ["reload"]), Invocation("networkctl", ["reconfigure", name])]
        }
    }

    /// Takes an interface down as it was, and up as the files say now. One command: nothing can come between.
    /// - Parameters:
    ///   - name: the interface.
    ///   - former: a file with what it was; with `text`, a path beside which that is written.
    ///   - text: what it was, where no file has it; nil by default.
    static func ifupdown(_ name: String, replacing former: FilePath, text: String? = nil) -> Invocation {
        let script = """
            former=$1; if [ $# -gt 2 ]; then former=$1.new; printf '%s' "$3" > "$former"; fi
            ifdown --force --interfaces="$former" "$2"
            if [ $# -gt 2 ]; then rm -f "$former"; fi
            ip addr flush dev "$2" scope global
            ! ifquery "$2" >/dev/null 2>&1 || exec ifup --force "$2"
            """
        let words = ["-c", script, "sh", former.string, name] + (text.map { [$0] } ?? [])
        return Invocation("sh", words, timeout: .minutes(5))
    }
}

extension NetworkInterface.Manager {
    /// The program that manages an interface of the machine.
    static func current(of interface: String, on machine: Machine) throws -> Self {
        func exists(_ path: FilePath) throws -> Bool { try machine.files.status(of: path) != nil }
        if try exists("/usr/sbin/netplan"), try exists("/etc/netplan"),
            try machine.files.list("/etc/netplan").contains(where: { $0.hasSuffix(".yaml") })
        {
            return .netplan
        }
        let hasIfupdown = try exists("/usr/sbin/ifup") || exists("/sbin/ifup")
        if hasIfupdown, try !InterfaceStanzas.files(naming: interface, on: machine).isEmpty { return .ifupdown }
        if try exists("/run/NetworkManager") { return .networkManager }
        if try exists("/run/systemd/netif/links") { return .networkd }
        if hasIfupdown { return .ifupdown }
        throw Failure(
            "no program manages the network of this machine",
            advice: "Declare Service(\"systemd-networkd\") before, and this with by: .networkd.")
    }
}
