import PropelTesting
import Properties
import Synchronization

/// openssl as far as keys and certificates of Propel are concerned: every key is another one, and a certificate says
/// which files it was made from.
final class FakeOpenSSL: Sendable {
    private let count = Mutex(0)

    /// - Parameter isNumbered: whether every key and certificate is another one.
    init(_ fake: FakeMachine, isNumbered: Bool = true) {
        fake.hasInstalled("openssl", "ca-certificates", "certbot", "nginx", "python3-certbot-dns-cloudflare")
        fake.files.put(directory: "/run")
        fake.files.put(directory: "/etc/ssl/propel")
        fake.commands.program("openssl") { [self] command in
            func text(after option: String) -> String {
                guard let index = command.arguments.firstIndex(of: option) else { return "" }
                return fake.files.text(at: FilePath(command.arguments[index + 1])) ?? ""
            }
            let number = count.withLock { count in
                count += 1
                return isNumbered ? count : 0
            }
            let input = String(decoding: command.input, as: UTF8.self)
            switch command.arguments.first {
            case "genpkey": return .printing("-----BEGIN PRIVATE KEY-----\nkey \(number)\n-----END PRIVATE KEY-----\n")
            case "req" where command.arguments.contains("-keyout"):
                return .printing("-----BEGIN PRIVATE KEY-----\n" + input)
            case "x509" where command.arguments.contains("-subject"):
                let names = text(after: "-in").split(separator: "\n").first { $0.hasPrefix("subjectAltName") } ?? ""
                return .printing("X509v3 Subject Alternative Name: \n   \(names.split(separator: "=").last ?? "")\n")
            case "req", "x509":
                let signer = text(after: "-CAkey"), request = text(after: "-in")
                let body = [
                    text(after: "-key"), signer, request, text(after: "-config"), text(after: "-extfile"), input,
                ]
                .joined().split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined(separator: " ")
                return .printing("-----BEGIN CERTIFICATE-----\n\(number): \(body)\n-----END CERTIFICATE-----\n")
            default: return .failing(1)
            }
        }
    }

    /// update-ca-certificates as far as certificates of the administrator are concerned.
    static func plantStore(on fake: FakeMachine) {
        fake.files.put(directory: "/usr/local/share/ca-certificates")
        fake.files.put(directory: "/etc/ssl/certs")
        fake.commands.program("update-ca-certificates") { _ in
            var bundle = "-----BEGIN CERTIFICATE-----\nother\n-----END CERTIFICATE-----\n"
            for path in fake.files.snapshot.keys where path.starts(with: "/etc/ssl/certs") {
                let target = fake.files[path]?.destination ?? ""
                if !target.isEmpty, fake.files[FilePath(target)] == nil { try? fake.files.remove(path) }
            }
            for path in fake.files.snapshot.keys.sorted(by: { $0.string < $1.string })
            where path.removingLastComponent() == "/usr/local/share/ca-certificates" {
                bundle += fake.files.text(at: path) ?? ""
                fake.files.put(FilePath("/etc/ssl/certs/\(path.stem ?? "").pem"), linkTo: path.string)
            }
            fake.files.put("/etc/ssl/certs/ca-certificates.crt", bundle)
            return .printing()
        }
    }

    /// How many keys and certificates were made.
    var made: Int { count.withLock { $0 } }
}
