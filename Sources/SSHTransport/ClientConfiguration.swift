import Foundation
import PlainText
import Subprocess
import SystemPackage

/// The configuration of the ssh client for one destination, as `ssh -G` resolves it (ssh_config(5)).
struct ClientConfiguration: Sendable {
    /// The host name or alias that the user gave.
    let alias: String
    let hostName: String
    let port: Int
    let user: String
    private let values: [String: [String]]

    /// Resolves the configuration with `ssh -G`.
    static func resolve(_ destination: Destination) async throws -> ClientConfiguration {
        let host = destination.host
        guard isPlausible(host: host) else {
            throw TransportError.configuration(host: host, reason: "invalid host name")
        }
        // It expands the token %C, which is a hash.
        let arguments = ["-G", "-o", "ControlPath=%C"] + destination.clientArguments
        guard let ssh = ClientProgram.ssh else {
            throw TransportError.configuration(host: host, reason: "`ssh` is not in PATH; install openssh-client")
        }
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            result = try await run(
                .path(ssh), arguments: Arguments(arguments), input: .none, output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16))
        } catch {
            try Task.checkCancellation()
            throw TransportError.configuration(
                host: host, reason: "`ssh` cannot be run (\(error)); install openssh-client")
        }
        // Cancelling the task ends the program too.
        try Task.checkCancellation()
        guard result.terminationStatus.isSuccess else {
            let reason = result.standardError.trimmed
            throw TransportError.configuration(host: host, reason: reason.isEmpty ? "`ssh -G` failed" : reason)
        }
        return try ClientConfiguration(alias: host, parsing: result.standardOutput)
    }

    /// Parses the output of `ssh -G`: a lowercase keyword and its value on each line.
    init(alias: String, parsing text: String) throws {
        var values: [String: [String]] = [:]
        for line in text.nonEmptyLines {
            guard let (keyword, value) = line.parts(around: " ") else { continue }
            values[keyword.lowercased(), default: []].append(String(value))
        }
        self.alias = alias
        self.values = values
        hostName = values["hostname"]?.first ?? alias
        user = values["user"]?.first ?? NSUserName()
        guard let port = Int(values["port"]?.first ?? "22"), 1...65535 ~= port else {
            throw TransportError.configuration(host: alias, reason: "the port must be a number from 1 to 65535")
        }
        self.port = port
        guard Self.isPlausible(host: hostName) else {
            throw TransportError.configuration(host: alias, reason: "invalid host name \(hostName)")
        }
    }

    subscript(keyword: String) -> String? { values[keyword]?.first }

    /// Whether a yes/no option is on.
    func isOn(_ keyword: String) -> Bool { ["yes", "true"].contains(self[keyword]) }

    /// The values of an option that may be given several times and may contain spaces.
    func all(_ keyword: String) -> [String] { values[keyword] ?? [] }

    /// Host names become part of a proxy's command line, so characters that are special to a shell or to `ssh` are
    /// refused.
    static func isPlausible(host: String) -> Bool {
        !host.isEmpty && !host.begins(with: "-")
            && host.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value != 0x7F && !"'`\"$\\;&<>|(){}@,/".unicodeScalars.contains(scalar)
            }
    }
}

// MARK: - Values

extension ClientConfiguration {
    /// The name under which known_hosts lists the host key.
    var hostKeyName: String { self["hostkeyalias"] ?? (port == 22 ? hostName : "[\(hostName)]:\(port)") }

    /// `ConnectTimeout`; `nil` if it is not set.
    var connectTimeout: Duration? { self["connecttimeout"].flatMap(Int.init).map { .seconds($0) } }

    var certificateFiles: [String] { get throws { try all("certificatefile").map { try expandPath($0) } } }
    var identityFiles: [String] { get throws { try all("identityfile").map { try expandPath($0) } } }
    var userKnownHostsFiles: [String] {
        get throws { try paths("userknownhostsfile").filter { $0 != "none" }.map { try expandPath($0) } }
    }
    var globalKnownHostsFiles: [String] { paths("globalknownhostsfile").filter { $0 != "none" } }

    /// The agent's socket, which `ssh -G` has expanded; `nil` if there is no agent or the configuration turns it off.
    var agentSocket: String? {
        switch self["identityagent"] {
        case nil, "SSH_AUTH_SOCK": ProcessInfo.processInfo.environment["SSH_AUTH_SOCK"]
        case "none": nil
        case .some(let value) where value.hasPrefix("$"):
            ProcessInfo.processInfo.environment[value.dropFirst().trimmingCharacters(in: ["{", "}"])]
        case .some(let value): value
        }
    }

    /// The certificates to log in with: those that `CertificateFile` names, or else those beside the identity files
    /// (ssh_config(5)).
    var certificates: [String] {
        get throws {
            let named = try certificateFiles
            return named.isEmpty ? try identityFiles.flatMap { ["\($0)-cert", "\($0)-cert.pub"] } : named
        }
    }

    /// Ways to log in that are set but not supported, each as a sentence for the user.
    var unsupportedLogins: [String] {
        unsupported.filter { ["PKCS11Provider", "HostbasedAuthentication"].contains($0.option) }.map(\.words)
    }

    /// The options that are set but not supported, with what the user is told.
    private var unsupported: [(option: String, words: String)] {
        let options: [(keyword: String, harmless: Set<String>, name: String)] = [
            ("bindaddress", [], "BindAddress"),
            ("bindinterface", [], "BindInterface"),
            ("hostbasedauthentication", ["no", "false"], "HostbasedAuthentication"),
            ("knownhostscommand", ["none"], "KnownHostsCommand"),
            ("nohostauthenticationforlocalhost", ["no", "false"], "NoHostAuthenticationForLocalhost"),
            ("pkcs11provider", ["none"], "PKCS11Provider"),
            ("setenv", [], "SetEnv"),
            ("verifyhostkeydns", ["no", "false"], "VerifyHostKeyDNS"),
        ]
        return options.compactMap { keyword, harmless, name in
            guard let value = self[keyword], !harmless.contains(value) else { return nil }
            return (name, "the ssh configuration sets \(name) \(value), which is not supported")
        }
    }

    /// The options that are not obeyed, each as a sentence for the user.
    var warnings: [String] {
        var warnings = unsupported.map { "\(alias): \($0.words)" }
        if ["no", "off", "false"].contains(self["stricthostkeychecking"]) {
            warnings.append(
                "\(alias): StrictHostKeyChecking is off; unknown host keys are added, but changed ones are still "
                    + "refused"
            )
        }
        return warnings
    }
}
