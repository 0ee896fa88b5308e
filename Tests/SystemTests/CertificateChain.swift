import Foundation

/// A certificate of an unknown authority, with an intermediate certificate.
struct CertificateChain {
    /// The file with the root certificate.
    let root: String
    /// The site's certificate, in PEM.
    let certificate: String
    /// The intermediate certificate, in PEM.
    let intermediate: String
    /// The site's private key, in PEM.
    let key: String

    /// - Parameter folder: the folder in which its files are created, in a subfolder.
    init(for names: String..., in folder: URL) async throws {
        let folder = folder.appending(path: "certificates-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func openssl(_ arguments: String...) async throws { _ = try await Configuration.run("openssl", arguments) }
        func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        func sign(_ name: String, by signer: String, _ extensions: String) async throws {
            try extensions.write(toFile: "\(folder)/\(name).ext", atomically: true, encoding: .utf8)
            _ = try await Configuration.run(
                "openssl",
                ["req"] + newKey + [
                    "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).csr", "-subj", "/CN=\(name)",
                ])
            try await openssl(
                "x509", "-req", "-in", "\(folder)/\(name).csr", "-CA", "\(folder)/\(signer).pem", "-CAkey",
                "\(folder)/\(signer).key", "-CAcreateserial",
                "-days", "30", "-extfile", "\(folder)/\(name).ext", "-out", "\(folder)/\(name).pem")
        }
        root = "\(folder)/root.pem"
        _ = try await Configuration.run(
            "openssl",
            ["req", "-x509"] + newKey + [
                "-keyout", "\(folder)/root.key", "-out", root, "-subj", "/CN=root", "-days", "30",
            ])
        try await sign("intermediate", by: "root", "basicConstraints = critical, CA:TRUE\n")
        try await sign(
            "site", by: "intermediate", "subjectAltName = \(names.map { "DNS:\($0)" }.joined(separator: ", "))\n")
        certificate = try text("site.pem")
        intermediate = try text("intermediate.pem")
        key = try text("site.key")
    }
}
