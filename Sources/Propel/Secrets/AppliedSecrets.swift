/// The record of the secrets that were written to one place of the machine: their versions, and the hash of what was
/// written. With it a check can tell without any plaintext whether the place is up to date.
///
/// Kept under `/var/lib/propel/secrets`, readable by root only.
public struct AppliedSecrets: Sendable {
    let place: String
    let form: String
    let secrets: [Secret]

    /// - Parameters:
    ///   - place: what contains the secrets: “/etc/app.conf”, “the password of anna”.
    ///   - form: the content without the plaintexts: if it changes, the place has to change.
    ///   - secrets: the secrets that are written there.
    public init(in place: String, form: String, of secrets: [Secret]) {
        self.place = place
        self.form = form
        self.secrets = secrets
    }

    private static let directory = Machine.state.appending("secrets")
    private var file: FilePath { Self.directory.appending(escaping: place + ".json") }

    /// Whether anything is recorded for the place.
    public func isRecorded(on machine: Machine) throws -> Bool { try record(on: machine) != nil }

    /// Whether `present`, the content of the place, is what the declared secrets make.
    /// - Throws: ``Undetermined`` if that takes a plaintext, ``Failure`` if the host has no such secret.
    public func matches(_ present: [UInt8], on machine: Machine) throws -> Bool {
        guard let record = try record(on: machine) else { throw undetermined(secrets, on: machine) }
        guard record["form"]?.string == SHA256.hash(Array(form.utf8)) else { return false }
        let changed = try secrets.filter {
            record["versions"]?[$0.name]?.string != (try machine.secrets.version(of: $0))
        }
        guard changed.isEmpty else { throw undetermined(changed, on: machine) }
        return record["written"]?.string == SHA256.hash(present)
    }

    private func undetermined(_ secrets: [Secret], on machine: Machine) -> Undetermined {
        if let missing = secrets.first(where: {
            (try? machine.secrets.version(of: $0)) == Secret.ungeneratedVersion
        }) {
            return Undetermined(until: "the secret \(missing.name) is generated")
        }
        let names = Set(secrets.map(\.name)).sorted()
        return Undetermined(
            until: names.count == 1
                ? "the secret \(names[0]), which is new here or was encrypted again, is decrypted"
                : "the secrets \(names.joined(separator: ", ")), which are new here or were encrypted again, are "
                    + "decrypted"
        )
    }

    /// Records that `present` is made of the current versions of the secrets.
    public func remember(_ present: [UInt8], on machine: Machine) throws {
        let versions = try Dictionary(secrets.map { ($0.name, JSON.string(try machine.secrets.version(of: $0))) }) {
            first, _ in first
        }
        let record: JSON = [
            "place": .string(place), "form": .string(SHA256.hash(Array(form.utf8))), "versions": .object(versions),
            "written": .string(SHA256.hash(present)),
        ]
        guard try self.record(on: machine) != record else { return }
        try machine.files.writeRecord(record, to: file)
    }

    /// Removes the record.
    public func forget(on machine: Machine) throws { try machine.files.remove(file) }

    /// The record; nil if there is none or it is damaged.
    private func record(on machine: Machine) throws -> JSON? {
        guard let bytes = try machine.files.readIfPresent(file) else { return nil }
        return try? JSON(parsing: bytes)
    }
}

extension Content {
    /// Whether `present`, the content of a file, is this content.
    ///
    /// If the plaintexts are here they decide, and the result is recorded: the next run needs none.
    /// - Parameters:
    ///   - present: the bytes of the file.
    ///   - place: the file, as people call it.
    ///   - machine: the machine, with its secrets and records.
    /// - Throws: ``Undetermined`` if that takes a plaintext, ``Failure`` if the host has no such secret.
    public func matches(_ present: [UInt8], in place: String, on machine: Machine) throws -> Bool {
        let applied = AppliedSecrets(in: place, form: form, of: secrets)
        guard !secrets.isEmpty, !secrets.allSatisfy({ machine.secrets.known($0) != nil }) else {
            let isSame = try withBytes({ secret in
                guard let plaintext = machine.secrets.known(secret) else {
                    throw Failure("the secret \(secret.name) did not arrive")
                }
                return plaintext
            }) { $0 == present }
            if isSame, !secrets.isEmpty { try applied.remember(present, on: machine) }
            return isSame
        }
        return try applied.matches(present, on: machine)
    }
}
