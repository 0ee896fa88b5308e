import Foundation
import Subprocess
import SystemPackage
import Testing

/// A change of the keyring that is killed: afterwards all secrets are encrypted to the same keys, the old or the new
/// ones.
@Suite(.serialized) struct KilledReencryptionTests {
    private static let secrets = (0..<24).map { "s\($0)" }
    private static let plaintexts = Dictionary(uniqueKeysWithValues: secrets.map { ($0, "the plaintext of \($0)") })

    /// Only Anna can read two dozen secrets; Ben has a key too.
    private func withStore(_ body: (Store) async throws -> Void) async throws {
        let anna = try await DeployerKey("Anna <anna@example.com>", passphrase: "open sesame"),
            ben = try await DeployerKey("Ben <ben@example.com>")
        let pinentry = try await Pinentry(of: anna)
        let configuration = try Configuration(hosts: "")
        try await configuration.accredit(anna)
        for (name, text) in Self.plaintexts { try await configuration.set(name, to: Array(text.utf8), by: anna) }
        let key = configuration.folder.appending(path: "ben.asc")
        try await ben.exported().write(to: key)
        let store = Store(configuration: configuration, anna: anna, ben: ben, pinentry: pinentry, key: key.path)
        try await store.expectReaders([anna])
        try await body(store)
    }

    /// Each secret asks for the passphrase. The process is killed at the request that is not answered.
    @Test func `a change killed between two secrets has no effect, and the next one completes`() async throws {
        try await withStore { store in
            for done in [0, 11, 23] {
                try await store.kill(after: done, "key", "add", store.key)
                try await store.expectReaders([store.anna])
            }
            let added = try await store.propel("key", "add", store.key)
            #expect(added.status == 0 && added.output.contains("re-encrypted 24 secrets"), "\(added)")
            #expect(!store.hasLeftOvers)
            try await store.expectReaders([store.anna, store.ben])

            for done in [1, 23] {
                try await store.kill(after: done, "key", "remove", "ben@example.com")
                try await store.expectReaders([store.anna, store.ben])
            }
            let removed = try await store.propel("key", "remove", "ben@example.com")
            #expect(removed.status == 0 && removed.output.contains("re-encrypted 24 secrets"), "\(removed)")
            #expect(!store.hasLeftOvers)
            try await store.expectReaders([store.anna])
        }
    }

    /// The new store is in place; the old one may still exist, in whole or in part.
    @Test func `a change killed after the exchange is complete`() async throws {
        try await withStore { store in
            try await store.kill(once: "the new keyring is there", "key", "add", store.key) { store.keyring.count == 2 }
            try await store.expectReaders([store.anna, store.ben])
            let removed = try await store.propel("key", "remove", "ben@example.com")
            #expect(removed.status == 0, "\(removed)")
            #expect(!store.hasLeftOvers)
            try await store.expectReaders([store.anna])
        }
    }

    private struct Store {
        let configuration: Configuration
        let anna: DeployerKey, ben: DeployerKey
        let pinentry: Pinentry
        /// The file with Ben's public key.
        let key: String

        private var folder: URL { configuration.folder.appending(path: "secrets") }
        var keyring: [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "keyring").path)) ?? []
        }
        /// Whether a change has left something beside the store.
        var hasLeftOvers: Bool {
            FileManager.default.fileExists(atPath: configuration.folder.appending(path: ".secrets.propel").path)
        }

        func propel(_ arguments: String...) async throws -> Answer {
            try await configuration.propel(arguments, environment: anna.environment)
        }

        /// Kills propel when `count` secrets have been decrypted and the next one is asked for.
        func kill(after done: Int, _ arguments: String...) async throws {
            let before = try pinentry.requests.count
            try pinentry.answer(done)
            try await kill(arguments, once: "secret \(done) is asked for") {
                try pinentry.requests.count > before + done
            }
            #expect(hasLeftOvers, "it was at work")
            try pinentry.answer(.max)
        }

        func kill(once what: String, _ arguments: String..., condition: () throws -> Bool) async throws {
            try await kill(arguments, once: what, condition)
        }

        private func kill(_ arguments: [String], once what: String, _ condition: () throws -> Bool) async throws {
            let child = Process()
            child.executableURL = URL(filePath: configuration.program.string)
            child.arguments = arguments
            child.currentDirectoryURL = configuration.folder
            child.environment = ProcessInfo.processInfo.environment.merging(["GNUPGHOME": anna.home]) { $1 }
            child.standardInput = FileHandle.nullDevice
            child.standardOutput = FileHandle.nullDevice
            child.standardError = FileHandle.nullDevice
            try child.run()
            defer { Foundation.kill(child.processIdentifier, SIGKILL) }
            while try !condition(), child.isRunning { try await Task.sleep(for: .milliseconds(2)) }
            #expect(try condition(), "\(what)")
            Foundation.kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
        }

        /// According to gpg, each of these people can read each secret, and nobody else can read any.
        func expectReaders(_ readers: [DeployerKey], sourceLocation: SourceLocation = #_sourceLocation) async throws {
            for person in [anna, ben] {
                let isReader = readers.contains { $0.fingerprint == person.fingerprint }
                let decrypted = try await person.decrypted(filesIn: folder.appending(path: "all"))
                #expect(
                    decrypted == (isReader ? KilledReencryptionTests.plaintexts : [:]), sourceLocation: sourceLocation)
            }
            #expect(Set(keyring) == Set(readers.map { "\($0.fingerprint).asc" }), sourceLocation: sourceLocation)
            let check = try await configuration.propel(["key", "check"], environment: anna.environment)
            #expect(check.status == 0, "\(check)", sourceLocation: sourceLocation)
        }
    }
}
