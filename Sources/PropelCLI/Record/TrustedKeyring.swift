import Foundation
import Git
import SecretStore

/// The keyring whose keys may sign commits for the hosts that require signed ones.
///
/// The keyring is in the repository itself, so anyone who can push could add their own key and sign with it.
/// Therefore each clone remembers the last commit whose keyring it accepted. From there on every change of the
/// keyring must be signed by a key that was in it before the change.
struct TrustedKeyring {
    let repository: Repository
    /// The folder of the secrets, relative to the top of the repository.
    let secrets: String

    /// A ref of this clone: it is neither pushed nor fetched.
    static let accepted = "refs/propel/accepted"

    private var keyring: String { "\(secrets)/keyring" }

    /// Verifies the signature of a commit, and remembers its keyring as accepted.
    /// - Throws: ``UsageError`` if the commit is not signed by a key of the keyring, or the keyring itself is not
    ///   trusted.
    func verify(_ head: Commit, for host: String, prompter: TerminalPrompter) async throws {
        if let accepted = try await repository.commit(at: Self.accepted) {
            try await followChanges(since: accepted, until: head, for: host)
        } else {
            try await accept(head, for: host, prompter: prompter)
        }
        if let refusal = try await refusal(of: head, by: try await keys(of: head)) {
            throw UsageError(unsigned: head, for: host, refusal)
        }
        try await repository.set(Self.accepted, to: head)
    }

    /// Asks about the keyring: the first time there is nothing to compare it with.
    private func accept(_ head: Commit, for host: String, prompter: TerminalPrompter) async throws {
        let keys = try await keys(of: head).withKeyring { try $0.keys() }.map { "  \($0.fingerprint)  \($0.name)" }
            .joined(separator: "\n")
        let question =
            "\(host) is only deployed from a commit that is signed by a key of the keyring. These are in it:\n\(keys)"
        try await prompter.requireYes(
            to: "\(question)\nAre these the keys of those who may deploy?",
            unasked: "\(question)\nThis clone has not accepted them yet, and there is no terminal to ask at. If they "
                + "are right:\n  git update-ref \(Self.accepted) \(head.id)",
            refused: "the keyring was not accepted, so nothing was deployed")
    }

    private func followChanges(since accepted: Commit, until head: Commit, for host: String) async throws {
        guard try await repository.isAncestor(accepted, of: head) else {
            throw UsageError(
                description:
                    "\(host): \(head) does not contain \(accepted), which was deployed before: the history was "
                    + "rewritten\nLook at it: git log \(accepted)...\(head)   If that is right: git update-ref "
                    + "-d \(Self.accepted)"
            )
        }
        let known = try await repository.object(at: keyring, of: accepted)
        let links = try await repository.commits(since: accepted, until: head)
        let new = Set(links.map(\.commit))
        var trusted: Set<Commit> = [accepted]
        var refusals: [String] = []
        for link in links {
            let now = try await repository.object(at: keyring, of: link.commit)
            // The trusted keyrings among those of its parents. One older than the accepted commit may have keys that
            // were removed since, so it counts only if it is the same.
            var before: [String?: Commit] = [:]
            for parent in link.parents {
                let object = try await repository.object(at: keyring, of: parent)
                if trusted.contains(parent) || !new.contains(parent) && object == known { before[object] = parent }
            }
            if before.isEmpty { continue }
            // A merge of two keyrings is a change of at least one of them.
            var reason: String?
            if Array(before.keys) != [now] {
                for parent in before.values where reason == nil {
                    reason = try await refusal(of: link.commit, by: try await keys(of: parent))
                }
            }
            if let reason {
                refusals.append(
                    "\(link.commit) changes the keyring, and that is not signed by a key that was in it before: "
                        + "\(reason)\n\(Self.advice(link.commit))"
                )
            } else {
                trusted.insert(link.commit)
            }
        }
        guard !trusted.contains(head) else { return }
        throw UsageError(
            description: "\(host): "
                + (refusals.first
                    ?? "\(head) has a keyring that does not descend from the accepted one\n\(Self.advice(head))"))
    }

    private static func advice(_ commit: Commit) -> String {
        "Look at it: git show \(commit)   If the change is right: git update-ref -d \(accepted), and accept the "
            + "keyring again."
    }

    /// The reason why the signature of a commit does not count; nil if it does.
    private func refusal(of commit: Commit, by copy: KeyringCopy) async throws -> String? {
        guard let signed = try await repository.signature(of: commit) else { return "not signed" }
        guard signed.isOpenPGP else { return "signed with an ssh key, but the keyring has OpenPGP keys" }
        let verdict = try copy.withKeyring { try $0.verify(signature: signed.signature, of: signed.payload) }
        return verdict.isGood ? nil : "\(verdict)"
    }

    private func keys(of commit: Commit) async throws -> KeyringCopy {
        try KeyringCopy(of: try await repository.files(in: keyring, of: commit), in: commit)
    }
}

/// The keyring of a commit, in a temporary directory that is removed with this object.
private final class KeyringCopy {
    private let folder: URL

    /// Keeps the directory while `body` runs.
    func withKeyring<Result>(_ body: (Keyring) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(SecretStore(folder: folder).keyring) }
    }

    init(of files: [String: [UInt8]], in commit: Commit) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "propel-keyring-\(UUID().uuidString)")
        let keys = folder.appending(path: "keyring")
        try FileManager.default.createDirectory(
            at: keys, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for (name, bytes) in files where name != ".gitkeep" {
            // The name comes from the author of the commit.
            guard name.wholeMatch(of: #/[0-9A-F]{40,64}\.asc/#) != nil else {
                throw UsageError(
                    description: "\(commit) has \(name.debugDescription) in the keyring, which is not the name of a key"
                )
            }
            try Data(bytes).write(to: keys.appending(path: name))
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}
