import Foundation
import Git
import HostsConf

/// That hosts.conf gives a host another tag: the change of the file, and its commit.
struct TagChange {
    let host: String
    /// nil where it had none.
    let former: String?
    let tag: String
    /// Whether git is to know of it: sandboxes leave no trace there.
    let isRecorded: Bool
    private let file: URL
    private let textBefore: String
    private let text: String
    private let checkout: Checkout
    private var isCommitted = false

    /// Writes it into hosts.conf; comments and order stay.
    /// - Throws: where the file cannot be edited so, or has changes that no commit has and that would go along.
    init(_ tag: String, of host: String, in checkout: Checkout, isForGit: Bool) async throws {
        let machine = try checkout.hostsConf.host(named: host)
        self.host = host
        self.tag = tag
        self.checkout = checkout
        former = machine.entry.tag
        isRecorded = isForGit && machine.sandbox == nil
        file = checkout.root.appending(path: "hosts.conf")
        textBefore = try String(contentsOf: file, encoding: .utf8)
        text = try HostsConf.setting("tag", of: host, to: tag, in: textBefore)
        if isRecorded, let change = try await Self.changes(in: checkout).first {
            throw UsageError(
                description:
                    "hosts.conf is not as it was committed (\(change)), and the commit of the tag would have that too\nCommit it first."
            )
        }
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private static func changes(in checkout: Checkout) async throws -> [Change] {
        let repository = try await Repository(containing: checkout.root.path)
        return try await repository.status(of: [checkout.path(of: "hosts.conf", in: repository)]).changes
    }

    /// Commits it where git is to know of it, so that `git log hosts.conf` says since when the host has it.
    mutating func commit() async throws {
        guard isRecorded else { return }
        try await commit("\(host): \(tag)\(former.map { ", was \($0)" } ?? "")")
        isCommitted = true
    }

    /// Gives the host the tag back that it had, with a commit that says why where there is one that gave it this one.
    /// - Parameter reason: as in “back at v1, since v2 REASON”.
    func takeBack(since reason: String) async throws {
        guard try String(contentsOf: file, encoding: .utf8) == text else {
            throw UsageError(
                description:
                    "hosts.conf says \(tag) for \(host), which \(reason), and has changed since: correct it by hand")
        }
        try textBefore.write(to: file, atomically: true, encoding: .utf8)
        guard isCommitted else { return }
        try await commit("\(host): back at \(former ?? "no tag"), since \(tag) \(reason)")
        // Whoever pulls must not deploy it once more.
        do {
            let push = try await Repository(containing: checkout.root.path).push()
            if case .pushed = push { Terminal.error.print("\(push)".printable) }
        } catch {
            Terminal.error.print(
                "warning: the remote still says \(tag) for \(host), until this is pushed: \(error)".printable)
        }
    }

    private func commit(_ message: String) async throws {
        let repository = try await Repository(containing: checkout.root.path)
        let key = try checkout.secretStore.keyring.signingKey()?.fingerprint
        let commit = try await repository.commit(
            paths: [checkout.path(of: "hosts.conf", in: repository)], message: message, signedWith: key)
        if let commit { Terminal.error.print("Committed as \(commit): \(message)".printable) }
    }
}
