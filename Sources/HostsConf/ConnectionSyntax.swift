import Foundation
import PlainText

/// The rules for values that reach ssh.
///
/// They become arguments of `ssh` and, through `ProxyJump`, part of a command that a shell reads (CVE-2023-51385). So
/// they are checked against what is allowed, not against what is dangerous.
enum ConnectionSyntax {
    /// The problem of a host name or an address; nil if there is none.
    static func problem(inHost name: String, allowing extra: String = "") -> String? {
        if name.isEmpty { return "the host is empty" }
        if name.hasPrefix("-") { return "it begins with “-”, which ssh would take for an option" }
        if name.count > 253 { return "it is longer than 253 characters" }
        return foreignCharacter(in: name, allowed: "._:-" + extra).map {
            "it contains \($0); use letters, digits, “.”, “-”, “_” and “:”"
        }
    }

    static func problem(inUser name: String) -> String? {
        if name.isEmpty { return "the user is empty" }
        if name.hasPrefix("-") { return "it begins with “-”, which ssh would take for an option" }
        return foreignCharacter(in: name, allowed: "._-@+\\").map { "it contains \($0)" }
    }

    /// The problem of `none`, or of hops separated by commas, each `[user@]host[:port]` or `ssh://…`.
    static func problem(inProxyJump value: String) -> String? {
        for hop in value.split(separator: ",", omittingEmptySubsequences: false) {
            if hop.isEmpty { return "a host is missing beside a comma" }
            var rest = hop.hasPrefix("ssh://") ? hop.dropFirst(6) : hop
            if let at = rest.lastIndex(of: "@") {
                let user = String(rest[..<at])
                if let problem = problem(inUser: user) { return "user \(user.quoted): \(problem)" }
                rest = rest[rest.index(after: at)...]
            }
            let host = String(rest)
            if let problem = problem(inHost: host, allowing: "[]%") { return "host \(host.quoted): \(problem)" }
        }
        return nil
    }

    static func problem(inIdentity path: String) -> String? {
        if path.begins(with: "-") { return "it begins with “-”: write ./\(path)" }
        if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "it contains a control character"
        }
        if path.hasSuffix(".pub") { return "it is the public key: name the private one, \(path.dropLast(4))" }
        return nil
    }

    private static func foreignCharacter(in text: String, allowed: String) -> String? {
        text.unicodeScalars.first { scalar in
            UInt8(exactly: scalar.value)?.isASCIILetterOrDigit != true && !allowed.unicodeScalars.contains(scalar)
        }.map { scalar in
            switch scalar {
            case " ": "a space"
            case _ where scalar.properties.generalCategory == .control: "a control character"
            default: String(Character(scalar)).quoted
            }
        }
    }

    /// Reads a public key as `known_hosts` has it, `type base64 [comment]`, and drops the comment.
    static func hostKey(_ text: String) -> Result<String, InvalidHostKey> {
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        if text.hasPrefix("SHA256:") || text.hasPrefix("MD5:") {
            return .failure(InvalidHostKey(reason: "it is a fingerprint; use the whole key, as ssh-keyscan prints it"))
        }
        if text.hasPrefix("@") {
            return .failure(InvalidHostKey(reason: "it has a marker; certificate authorities belong in known_hosts"))
        }
        guard let type = fields.first, hostKeyTypes.contains(String(type)) else {
            // A line of known_hosts or ssh-keyscan has the host in front.
            if fields.count > 1, hostKeyTypes.contains(String(fields[1])) {
                return .failure(InvalidHostKey(reason: "it begins with the name of a host; remove that"))
            }
            return .failure(
                InvalidHostKey(reason: "it does not begin with a key type: \(hostKeyTypes.joined(separator: ", "))"))
        }
        // RFC 4253, 6.6: the key names its own type, after its length in four bytes.
        let name = [UInt8](type.utf8)
        guard fields.count > 1, let blob = Data(base64Encoded: String(fields[1])),
            blob.starts(with: [0, 0, 0, UInt8(name.count)] + name), blob.count > 4 + name.count
        else { return .failure(InvalidHostKey(reason: "it is damaged or incomplete; copy the whole key")) }
        return .success("\(type) \(fields[1])")
    }

    struct InvalidHostKey: Error { var reason: String }

    /// The host keys of sshd(8), without certificates and without ssh-dss, which OpenSSH has removed.
    static let hostKeyTypes = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]
}
