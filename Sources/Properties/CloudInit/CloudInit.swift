/// cloud-init, which configures most virtual machines and Raspberry Pi OS at their first boot, and some of it at every
/// boot (<https://cloudinit.readthedocs.io>).
struct CloudInit {
    let machine: Machine

    /// The directory of its configuration, in which a later file outranks an earlier one. The data that the provider
    /// and the user of the machine gave it outrank them all.
    static let directory: FilePath = "/etc/cloud/cloud.cfg.d"

    /// Whether it runs at each boot.
    var isActive: Bool {
        get throws {
            try machine.files.status(of: "/usr/bin/cloud-init") != nil
                && machine.files.status(of: Self.directory)?.kind == .directory
                && machine.files.status(of: "/etc/cloud/cloud-init.disabled") == nil
        }
    }

    /// The files that outrank its configuration: the merged data of the user and of the provider.
    private static let data: [(path: FilePath, name: String)] = [
        ("/var/lib/cloud/instance/cloud-config.txt", "user data"),
        ("/var/lib/cloud/instance/vendor-cloud-config.txt", "vendor data"),
    ]

    /// The data that outrank its configuration and set a key of the top level to another value; nil if there are none.
    /// - Parameter value: the value that the key should have.
    func opponent(of key: String, _ value: Bool) throws -> String? {
        for (path, name) in Self.data {
            guard let bytes = try machine.files.readIfPresent(path) else { continue }
            for line in String(decoding: bytes, as: UTF8.self).lines where line.hasPrefix("\(key):") {
                let words = line.dropFirst(key.utf8.count + 1).before("#")
                if Self.bool(String(words).trimmed) == value { break }
                return try "\(key) in its \(name)\(seed(name))"
            }
        }
        return nil
    }

    /// Where the user data of a Raspberry Pi are, which can be edited.
    private func seed(_ name: String) throws -> String {
        guard name == "user data", try machine.files.status(of: "/boot/firmware/user-data") != nil else { return "" }
        return " (/boot/firmware/user-data)"
    }

    /// The value of a Bool in YAML 1.1; nil for other words.
    private static func bool(_ word: String) -> Bool? {
        switch word.filter({ $0 != "\"" && $0 != "'" }).lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }
}
