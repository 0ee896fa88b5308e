import PropelTesting
import Properties

/// certbot, whose authority issues every certificate.
enum FakeCertbot {
    /// - Parameter order: is called with the name of each certificate that is asked for.
    static func plant(on fake: FakeMachine, order: @escaping @Sendable (String) -> Void = { _ in }) {
        fake.commands.program("certbot") { command in
            func value(_ option: String) -> String {
                command.arguments.firstIndex(of: option).map { command.arguments[$0 + 1] } ?? ""
            }
            let name = value("--cert-name"), live = "/etc/letsencrypt/live/\(name)"
            order(name)
            let authenticator =
                command.arguments.contains("--webroot")
                ? "webroot\nwebroot_path = \(value("--webroot-path"))," : value("--authenticator")
            fake.files.put(
                FilePath("/etc/letsencrypt/renewal/\(name).conf"),
                "[renewalparams]\nserver = \(value("--server"))\nauthenticator = "
                    + (authenticator.isEmpty ? "standalone" : authenticator) + "\n")
            for file in ["fullchain", "privkey"] {
                fake.files.put(
                    FilePath("\(live)/\(file).pem"), linkTo: "../../archive/\(name)/\(file)1.pem")
            }
            return .printing()
        }
    }
}
