import Foundation
import Git
import HostsConf

/// A change of the tag of a host, or of one of its stacks, in hosts.conf, and its commit.
struct TagChange {
    let host: String
    /// nil if the host had no tag.
    let former: String?
    let tag: TagSetting
    /// Whether the change is committed. Those of sandboxes are not.
    let isRecorded: Bool
    private let file: URL
    private let checkout: Checkout
    private var isCommitted = false

    /// Writes the tag into hosts.conf. Comments and order stay.
    /// - Throws: if the file cannot be edited, or has uncommitted changes, which would be committed with the tag.
    init(_ tag: TagSetting, of host: String, in checkout: Checkout, isForGit: Bool) async throws {
        let machine = try checkout.hostsConf.host(named: host)
        self.host = host
        self.tag = tag
        self.checkout = checkout
        former = tag.present(in: machine.entry)
        isRecorded = isForGit && machine.sandbox == nil
        file = checkout.hostsFile
        let text = try tag.setting(tag.tag, of: host, in: String(contentsOf: file, encoding: .utf8))
        if isRecorded, let change = try await Self.changes(in: checkout).first {
            throw UsageError(
                description:
                    "hosts.conf has uncommitted changes (\(change)), "
                    + "which would be committed with the tag\nCommit them first."
            )
        }
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private static func changes(in checkout: Checkout) async throws -> [Change] {
        let repository = try await Repository(containing: checkout.root.path)
        return try await repository.status(of: [checkout.path(of: PackageLayout.hostsConf, in: repository)]).changes
    }

    /// Commits the change, so that `git log hosts.conf` tells when the host got the tag.
    mutating func commit() async throws {
        guard isRecorded else { return }
        try await commit("\(host): \(tag)\(former.map { ", was \($0)" } ?? "")")
        isCommitted = true
    }

    /// Sets the former tag again, with a commit that says why if there is one of this tag.
    ///
    /// The rest of the file may have changed since; only the tag is set. It is kept if somebody has set another one.
    /// - Parameter reason: as in “back at v1, since v2 REASON”.
    func takeBack(since reason: String) async throws {
        let former = tag.words(self.former)
        let hasOtherChanges: Bool
        do {
            // Without a commit of this tag there may be no repository at all.
            hasOtherChanges = isCommitted ? try await !Self.changes(in: checkout).isEmpty : false
            let text = try String(contentsOf: file, encoding: .utf8)
            guard tag.present(of: host, in: text) == tag.tag else {
                Terminal.error.warn(
                    "\(tag) \(reason), and hosts.conf no longer has it for \(host): check its tag, which was \(former)")
                return
            }
            try tag.setting(self.former, of: host, in: text).write(to: file, atomically: true, encoding: .utf8)
        } catch {
            Terminal.error.warn(
                "\(tag) \(reason), but hosts.conf still has it for \(host): set it to \(former): \(error)")
            return
        }
        guard isCommitted else { return }
        guard !hasOtherChanges else {
            Terminal.error.warn(
                "hosts.conf has uncommitted changes, and git still has the tag \(tag) of \(host): commit the file")
            return
        }
        try await commit("\(host): back at \(former), since \(tag) \(reason)")
        // Nobody who pulls should deploy the tag again.
        do {
            let push = try await Repository(containing: checkout.root.path).push { Terminal.error.print($0.printable) }
            if case .pushed = push { Terminal.error.print("\(push)".printable) }
        } catch {
            Terminal.error.warn("the remote still has the tag \(tag) of \(host): push the commit: \(error)")
        }
    }

    private func commit(_ message: String) async throws {
        let repository = try await Repository(containing: checkout.root.path)
        let key = try checkout.secretStore.keyring.signingKey()?.fingerprint
        let commit = try await repository.commit(
            paths: [checkout.path(of: PackageLayout.hostsConf, in: repository)], message: message, signedWith: key)
        if let commit { Terminal.error.print("Committed as \(commit): \(message)".printable) }
    }
}
