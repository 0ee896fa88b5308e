/// The record of a certificate that Propel has made, so that a check starts no program.
struct CertificateRecord: Equatable {
    /// The names, the validity and the signer, as declared.
    var form: String
    /// The SHA-256 of certificate and key.
    var files: String
    /// The end of its validity.
    var end: Int

    /// Whether it is replaced now: in the last 30 days, or in the last third of a shorter validity.
    /// - Parameter days: how long it is valid.
    func expiresSoon(after days: Int, on machine: Machine) -> Bool {
        end - machine.now.seconds < min(30 * 86400, days * 86400 / 3)
    }

    static func path(_ name: String) -> FilePath {
        Machine.state.appending("certificates").appending(escaping: "\(name).json")
    }

    /// The record; nil if it does not exist or is damaged.
    static func read(_ name: String, on machine: Machine) throws -> CertificateRecord? {
        guard let bytes = try machine.files.readIfPresent(path(name)), let json = try? JSON(parsing: bytes),
            let form = json["form"]?.string, let files = json["files"]?.string,
            let end = json["end"]?.string.flatMap({ Int($0) })
        else { return nil }
        return CertificateRecord(form: form, files: files, end: end)
    }

    func write(_ name: String, on machine: Machine) throws {
        let json: JSON = ["form": .string(form), "files": .string(files), "end": .string("\(end)")]
        let path = Self.path(name)
        try machine.files.replacePrivate(path, with: Array(json.pretty.utf8))
    }

    static func forget(_ name: String, on machine: Machine) throws { try machine.files.remove(path(name)) }

    /// The hash of files that are compared with the record.
    static func hash(of paths: [FilePath], on machine: Machine) throws -> String {
        try paths.map { path in
            var bytes = try machine.files.readIfPresent(path) ?? []
            defer { bytes.wipe() }
            return SHA256.hash(bytes)
        }.joined(separator: " ")
    }
}

extension Machine {
    /// Whether a certificate that a program renews still is renewed. One that is young needs no look at it.
    func checkRenewal(of certificate: FilePath, issued: Timestamp) async throws -> Check {
        guard now.seconds - issued.seconds > 40 * 86400 else { return .satisfied }
        let week = 7 * 86400, isEnding: Bool
        if let known = try self.certificate(at: certificate) {
            isEnding = known.end - now.seconds < week
        } else {
            isEnding = try await !run(
                Invocation("openssl", ["x509", "-in", certificate.string, "-noout", "-checkend", "\(week)"])
            ).succeeded
        }
        return isEnding ? .unmet("it ends within a week and was not renewed") : .satisfied
    }
}
