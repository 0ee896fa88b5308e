/// Settings of the ssh server, in a drop-in that wins (sshd_config(5)).
///
///     Sshd(["PermitRootLogin": "no", "PasswordAuthentication": "no", "X11Forwarding": "no"])
///     Sshd("sftp", text: "Match Group sftp\n    ForceCommand internal-sftp\n    ChrootDirectory /srv/%u\n")
///
/// The first value of a setting counts, so the file sorts before others such as that of cloud-init. sshd must accept it
/// before it is put in place. It is reloaded, not restarted: connections stay.
public struct Sshd: CompositeProperty {
    public typealias Target = DebianLike

    public let id: String
    public let text: String

    /// - Parameters:
    ///   - settings: the values by their keywords, for all connections.
    ///   - id: the name of the drop-in; `settings` by default.
    public init(_ settings: [String: String], id: String = "settings") {
        self.init(id, text: settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined())
    }

    /// - Parameters:
    ///   - id: the name of the drop-in: letters, digits, `-` and `_`.
    ///   - text: the whole drop-in, with `Match` blocks if need be.
    public init(_ id: String, text: String) {
        self.id = id
        self.text = text
    }

    public var name: String { "sshd \(id)" }

    public var body: [Declaration] {
        DropIn(id: id, text: text).onChange(Service.Reload("ssh"))
    }

    /// The file of the settings.
    struct DropIn: FileBacked {
        typealias Target = DebianLike

        let id: String
        let text: String

        var name: String { "settings of sshd" }
        var createsDirectory: Bool { true }
        var file: File {
            File(
                "/etc/ssh/sshd_config.d/10-\(id).conf", text,
                validation: { Invocation("/usr/sbin/sshd", ["-t", "-f", $0.string]) })
        }

        func validate() throws {
            guard !id.isEmpty, id.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }) else {
                throw Failure(
                    "invalid name of settings of sshd “\(id.escaped)”", advice: "Use letters, digits, “-” and “_”.")
            }
            guard text.hasSuffix("\n"), !text.utf8.contains(0) else {
                throw Failure("the settings of sshd \(id) do not end with a newline, or have a NUL in them")
            }
        }
    }
}
