/// What is remembered of the secrets that were put into one place of the machine: which versions, and the hash of what was
/// written. So a check can tell without any plaintext whether the place is as it is to be.
///
/// Kept under `/var/lib/propel/secrets`, readable by root alone.
public struct AppliedSecrets: Sendable {
    /// What a place is, compared to what it is to be.
    public enum Comparison: Sendable, Equatable {
        case same
        case different
        /// It cannot be told before plaintexts are here. `until` completes the sentence “cannot tell until …”.
        case unknown(until: String)
    }

    let place: String
    let form: String
    let secrets: [Secret]

    /// - Parameters:
    ///   - place: what holds the secrets: "/etc/app.conf", "the password of anna".
    ///   - form: what it is besides them: any change of this text is a change of the place.
    ///   - secrets: those that are put there.
    public init(in place: String, form: String, of secrets: [Secret]) {
        self.place = place
        self.form = form
        self.secrets = secrets
    }

    private static let directory = Machine.state.appending("secrets")
    private var file: FilePath { Self.directory.appending(FilePath.Component(escaping: place + ".json")) }

    /// Compares what is there now with what was put there last, and that with what is to be there.
    /// - Throws: ``Failure`` where the host has no such secret.
    public func compare(_ present: [UInt8], on machine: Machine) throws -> Comparison {
        guard let record = try record(on: machine) else { return .unknown(until: until(secrets)) }
        guard record["form"]?.string == SHA256.hash(Array(form.utf8)) else { return .different }
        let changed = try secrets.filter {
            record["versions"]?[$0.name]?.string != (try machine.secrets.version(of: $0))
        }
        guard changed.isEmpty else { return .unknown(until: until(changed)) }
        return record["written"]?.string == SHA256.hash(present) ? .same : .different
    }

    private func until(_ secrets: [Secret]) -> String {
        let names = Set(secrets.map(\.name)).sorted()
        return names.count == 1
            ? "the secret \(names[0]), which is new here or encrypted anew, is decrypted"
            : "the secrets \(names.joined(separator: ", ")), which are new here or encrypted anew, are decrypted"
    }

    /// Remembers that `present` is what the present versions of the secrets make.
    public func remember(_ present: [UInt8], on machine: Machine) throws {
        let versions = try Dictionary(secrets.map { ($0.name, JSON.string(try machine.secrets.version(of: $0))) }) {
            first, _ in first
        }
        let record: JSON = [
            "place": .string(place), "form": .string(SHA256.hash(Array(form.utf8))), "versions": .object(versions),
            "written": .string(SHA256.hash(present)),
        ]
        guard try self.record(on: machine) != record else { return }
        try machine.files.createDirectories(Self.directory, mode: 0o700)
        try machine.files.replace(file, with: Array(record.description.utf8), mode: 0o600)
    }

    /// Forgets the place.
    public func forget(on machine: Machine) throws { try machine.files.remove(file) }

    /// Nil where nothing is remembered, or what is can no longer be read.
    private func record(on machine: Machine) throws -> JSON? {
        guard let bytes = try machine.files.readIfPresent(file) else { return nil }
        return try? JSON(parsing: bytes)
    }
}

extension Content {
    /// Compares what a file contains with this content.
    ///
    /// Where the plaintexts are here they decide, and what they decide is remembered: the next run needs none.
    /// - Parameter place: the file, as people call it.
    public func compare(_ present: [UInt8], in place: String, on machine: Machine) throws -> AppliedSecrets.Comparison {
        let applied = AppliedSecrets(in: place, form: form, of: secrets)
        guard !secrets.isEmpty, !secrets.allSatisfy({ machine.secrets.known($0) != nil }) else {
            let isSame = try withBytes({ secret in
                guard let plaintext = machine.secrets.known(secret) else {
                    throw Failure("the secret \(secret.name) did not come")
                }
                return plaintext
            }) { $0 == present }
            if isSame, !secrets.isEmpty { try applied.remember(present, on: machine) }
            return isSame ? .same : .different
        }
        return try applied.compare(present, on: machine)
    }
}
