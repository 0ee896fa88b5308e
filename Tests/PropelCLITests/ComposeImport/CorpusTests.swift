import Foundation
import Testing

@testable import PropelCLI

@Suite struct CorpusTests {
    @Test func `there are at least forty files`() { #expect(Corpus.names.count >= 40) }

    @Test(arguments: Corpus.names) func `everything is taken over`(_ name: String) throws {
        let (swift, omissions) = try Corpus.importing(name)
        #expect(omissions.isEmpty == (name != Corpus.withOmissions), "\(omissions)")
        #expect(swift.contains("// not taken over") == (name == Corpus.withOmissions))
    }

    /// Passwords of all files, in whichever way they are written there.
    @Test(arguments: Corpus.names) func `no password is printed`(_ name: String) throws {
        let swift = try Corpus.importing(name).swift
        for password in [
            "argon2id", "mail pass word", "correct-horse", "battery-staple", "gitea-pw-17", "hYukx0nf", "pi pi pi",
            "camera-pass", "foobar-17", "not-in-the-swift", "change-me-please", "somewordpress", "wordpress-pw",
            "postgres-pw", "wOEI9rqqbDwnN8", "s3cr3t-t0ken", "secretkey-for-tokens", "tesla-pw-1", "not-so-secret",
            "your-super-secret", "your-jwt-secret-token", "paper-and-pencil", "oak-and-ash", "seek-and-find", "0f5e",
            "kettle-black", "root-and-branch", "stamp-and-letter", "window-seat", "lens-and-shutter", "gnat-and-midge",
            "rain-gauge-token", "barometer-falling", "nas-nas-nas-9",
        ] {
            #expect(!swift.contains(password), "\(password)")
        }
    }

    @Test func `each omission is named`() throws {
        let omissions = try Corpus.importing(Corpus.withOmissions).omissions
        let keys = [
            "models", "env_file", "scale", "ports: 8000-8005:80-81", "credential_spec", "cloud:/data", "nocopy",
            "user: it contains a secret", "healthcheck: it has no test", "depends_on: gone", "replicas: 3",
            "build: args: API_TOKEN", "secrets: gone: it is not in the file", "networks: gone",
        ]
        for key in keys { #expect(omissions.contains { $0.contains(key) }, "\(key): \(omissions)") }
    }
}
