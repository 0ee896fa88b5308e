import Foundation
import Propel
import Subprocess
import Testing

@testable import SecretStore

extension WithGnuPG {
    /// Concurrent writers, crashes, and git.
    @Suite struct WritingTests {
        @Test func `branches that each add a secret merge`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await playground.git("init", "--quiet", "--initial-branch", "main")
                try await anna.join()
                try anna.put("0", "a")
                try await playground.git("add", "--all")
                try await playground.git("commit", "--quiet", "-m", "first")
                try await playground.git("switch", "--quiet", "-c", "side")
                try anna.put("1", "b")
                try anna.put("2", "c", .host("web1"))
                try await playground.git("add", "--all")
                try await playground.git("commit", "--quiet", "-m", "side")
                try await playground.git("switch", "--quiet", "main")
                try anna.put("3", "d")
                try anna.put("4", "c", .role("web"))
                try await playground.git("add", "--all")
                try await playground.git("commit", "--quiet", "-m", "main")
                try await playground.git("merge", "--quiet", "--no-edit", "side")
                #expect(try anna.store.secrets().map { try anna.text($0) } == ["0", "1", "4", "2", "3"])
                #expect(
                    try await playground.git("check-attr", "binary", "--", "secrets/all/a.gpg").hasSuffix("binary: set")
                )
                #expect(try await playground.git("status", "--porcelain") == "")
            }
        }

        /// A separate repository or a submodule.
        @Test(arguments: [true, false]) func `a store that is a repository stays one`(
            _ isDirectory: Bool
        ) async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                try anna.put("1", "a")
                let repository = playground.secrets.appending(path: ".git")
                if isDirectory {
                    try await playground.tool("git", "init", "--quiet", playground.secrets.path)
                } else {
                    try Data("gitdir: ../.git/modules/secrets\n".utf8).write(to: repository)
                }
                let marker = isDirectory ? repository.appending(path: "HEAD") : repository
                let content = try Data(contentsOf: marker)
                try await ben.join(with: anna)
                #expect(try Data(contentsOf: marker) == content)
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: playground.configuration.path) == ["secrets"])
                #expect(try anna.store.secrets().count == 1)
            }
        }

        @Test func `the folder of the store may be a link`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                let elsewhere = playground.folder.appending(path: "elsewhere/real")
                try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(at: playground.secrets, withDestinationURL: elsewhere)
                try await anna.join()
                let secret = try anna.put("1", "a")
                try await ben.join(with: anna)
                #expect(try ben.text(secret) == "1")
                #expect(
                    try FileManager.default.destinationOfSymbolicLink(atPath: playground.secrets.path) == elsewhere.path
                )
                #expect(FileManager.default.fileExists(atPath: elsewhere.appending(path: "all/a.gpg").path))
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: elsewhere.deletingLastPathComponent().path) == [
                        "real"
                    ])

                try FileManager.default.removeItem(at: elsewhere)
                #expect(throws: SecretStoreError.self) { try anna.put("1", "a") }
            }
        }

        /// A change of the keyring that is killed after each of its steps.
        @Test func `a crash leaves a complete store`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                let secret = try anna.put("1", "a")
                let old = try playground.snapshot()
                let staging = playground.configuration.appending(path: ".secrets.propel")
                let files = try anna.store.files
                let message = try anna.store.message(of: secret)
                let key = try Data(contentsOf: URL(filePath: try await ben.exportedKey()))
                let keyPath = "keyring/\(try await ben.fingerprint).asc"

                let steps: [(StoreReplacement) throws -> Void] = [
                    { _ in },
                    { try $0.new.write([UInt8](key), to: keyPath) },
                    { try $0.new.write(message, to: "all/a.gpg") },
                ]
                for count in 1...steps.count {
                    let replacement = try StoreReplacement(of: files)
                    for step in steps.prefix(count) { try step(replacement) }
                    // The process is killed here.
                    #expect(FileManager.default.fileExists(atPath: staging.path))
                    #expect(try playground.snapshot() == old)
                    #expect(try anna.text(secret) == "1")
                    try anna.put("2", "b")
                    try anna.store.remove(anna.store.secret("b", in: .all)!)
                    #expect(try playground.snapshot() == old)
                }
                // After the exchange, before the old store is removed.
                let replacement = try StoreReplacement(of: files)
                for file in try anna.store.keyring.keyFiles() {
                    try replacement.new.write(file.bytes, to: StoreFiles.path(ofKey: file.key.fingerprint))
                }
                try replacement.new.write(message, to: "all/a.gpg")
                try Data("x".utf8).write(to: playground.secrets.appending(path: ".git"))
                try replacement.exchange()
                #expect(FileManager.default.fileExists(atPath: staging.path))
                #expect(try anna.text(secret) == "1")
                try await ben.join(with: anna)
                #expect(!FileManager.default.fileExists(atPath: staging.path))
                #expect(try ben.text(secret) == "1")
                #expect(
                    FileManager.default.fileExists(atPath: playground.secrets.appending(path: ".git").path),
                    "the repository came along")

                // A file of an interrupted write is not an unexpected file, and the next write removes it.
                let half = playground.secrets.appending(path: "all/.a.gpg.propel")
                try Data([1]).write(to: half)
                #expect(try anna.store.secrets() == [secret])
                try anna.put("2", "b")
                #expect(!FileManager.default.fileExists(atPath: half.path))
            }
        }

        @Test func `what another process has changed while it had the lock is not overwritten`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                try anna.put("1", "a")
                let secret = try #require(try anna.store.secrets().first)
                let former = try anna.store.message(of: secret), store = anna.store
                let lock = try StoreLock(try store.files)
                let writing = Task.detached {
                    try store.encrypt(
                        SecretBytes(copying: Array("2".utf8)), as: secret.name, for: .all, replacing: .message(former))
                }
                // By now it waits for the lock.
                try await Task.sleep(for: .milliseconds(300))
                try Data("another message".utf8).write(to: secret.file)
                _ = consume lock
                await #expect(throws: SecretStoreError.concurrentChange(secret.path)) { _ = try await writing.value }
                #expect(try anna.store.message(of: secret) == Array("another message".utf8))
            }
        }

        @Test func `concurrent writers lose nothing`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                let names = (0..<6).map { SecretName("s\($0)")! }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for name in names {
                        group.addTask { try anna.put("\(name)", name) }
                        group.addTask { try anna.put("web \(name)", name, .role("web")) }
                    }
                    group.addTask { try await ben.join(with: anna) }
                    try await group.waitForAll()
                }
                #expect(try anna.store.secrets().map { try ben.text($0) } == names.flatMap { ["\($0)", "web \($0)"] })
                #expect(try anna.store.keyring.check(hosts: [], roles: ["web"]) { _ in true } == [])
            }
        }

        @Test func `an edit of an outdated secret is refused`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                let secret = try anna.put("1", "a")
                let seen = try anna.store.message(of: secret)
                try anna.put("2", "a")
                let edited = try SecretBytes(copying: [1])
                try await expect(.concurrentChange(secret.path)) {
                    try anna.store.encrypt(edited, as: "a", for: .all, replacing: .message(seen))
                }
                try await expect(.alreadyExists(secret.path)) {
                    try anna.store.encrypt(edited, as: "a", for: .all, replacing: .nothing)
                }
                #expect(try anna.text(secret) == "2")
                try anna.store.encrypt(
                    edited, as: "a", for: .all, replacing: .message(try anna.store.message(of: secret)))
                try anna.store.encrypt(edited, as: "b", for: .all, replacing: .nothing)
                try anna.store.remove(secret)
                try await expect(.concurrentChange(secret.path)) {
                    try anna.store.encrypt(edited, as: "a", for: .all, replacing: .message(seen))
                }
            }
        }

        @Test func `the kernel releases the lock of a killed process`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                let files = try anna.store.files
                let lock = try StoreLock(files)
                #expect(throws: SecretStoreError.busy(folder: "secrets")) { _ = try StoreLock(files, limit: .zero) }
                _ = consume lock
                _ = try StoreLock(files, limit: .zero)
            }
        }
    }
}
