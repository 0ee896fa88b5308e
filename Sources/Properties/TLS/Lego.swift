extension TLS.ACME {
    /// The certificate as lego gets it; nil for certbot.
    var lego: Lego? {
        if case .lego(let provider, let variables) = challenge { Lego(self, provider, variables) } else { nil }
    }

    /// The files and units of lego (version 4, as Debian has it) for one certificate.
    struct Lego {
        let acme: TLS.ACME
        let provider: String
        let variables: [String: Content]

        fileprivate init(_ acme: TLS.ACME, _ provider: String, _ variables: [String: Content]) {
            self.acme = acme
            self.provider = provider
            self.variables = variables
        }

        private var directory: FilePath { acme.places.legoDirectory }
        private var data: FilePath { acme.places.legoData }
        /// lego with all options; the command is its argument.
        var program: FilePath { directory.appending("lego") }
        var hook: FilePath { directory.appending("hook") }

        /// The certificate, followed by those of its issuers. lego names the files after the first name.
        var certificate: FilePath { file("crt") }
        var key: FilePath { file("key") }

        private func file(_ ending: String) -> FilePath {
            let name = (acme.names.first ?? "").replacing("*", with: "_")
            return data.appending("certificates").appending(escaping: "\(name).\(ending)")
        }

        private var sortedVariables: [(key: String, value: Content)] { variables.sorted { $0.key < $1.key } }
        private func path(of variable: String) -> FilePath {
            directory.appending(escaping: variable)
        }

        @PropertyBuilder<DebianLike> var body: [Declaration] {
            let package = Apt.Installed("lego")
            package
            Directory(directory, mode: 0o700, parents: true)
            Directory(data, mode: 0o700, parents: true)
            for (name, value) in sortedVariables { File(path(of: name), value, mode: 0o600) }
            File(hook, Content(hookText), mode: 0o700)
            File(program, Content(programText), mode: 0o700)
            if acme.reloads.isEmpty {
                LegoCertificate(acme: acme, lego: self).requires(package)
            } else {
                LegoCertificate(acme: acme, lego: self).requires(package)
                    .onChange(CertificateUsersReload(units: acme.reloads))
            }
            Timer(
                acme.places.legoTimer, onCalendar: "daily", "\(program) renew --days 30 --renew-hook \(hook)",
                randomizedDelay: .hours(12)
            ).requires(package)
        }

        private var hookText: String {
            """
            #!/bin/sh
            # lego runs this when there is another certificate.
            set -e
            \(acme.hookLines)
            """
        }

        private var programText: String {
            // lego reads the value of NAME from the file that NAME_FILE names.
            let exports = sortedVariables.map { "export \($0.key)_FILE=\(path(of: $0.key))\n" }
            let names = acme.names.flatMap { ["--domains", $0] }
            let words = [
                "/usr/bin/lego", "--accept-tos", "--email", acme.email ?? "", "--server", acme.server.url, "--path",
                data.string, "--dns", provider,
            ]
            return """
                #!/bin/sh
                # lego with the options of the certificate \(acme.id), kept by Propel: \(program) list
                \(exports.joined())exec \(ShellQuoting.quote(words + names)) "$@"

                """
        }
    }
}
