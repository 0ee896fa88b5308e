import PropelTesting
import Testing

@testable import Properties

/// The log of the container that failed.
extension StackRollbackTests {
    private var log: FilePath { "/var/lib/propel/stacks/shop.failed.log" }

    @Test func `the log of the container that failed is kept until the next deployment`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true)
        #expect(
            failure?.advice?.hasSuffix(
                " What the container wrote is in \(log) on the machine until the next deployment.")
                == true, "\(String(describing: failure?.advice))")
        #expect(fake.files.text(at: log) == "it starts\nit is sick\n")
        #expect(try fake.files.status(of: log)?.mode == 0o600)
        // The previous version runs, and nothing is deployed.
        let after = try await fake.check(deployment(stack(tag: "v1")))
        #expect(after == .satisfied)
        #expect(fake.files.text(at: log) != nil)
        try await fake.obeysLaw(deployment(stack(tag: "v3")))
        #expect(fake.files.text(at: log) == nil)
    }

    @Test func `both outputs are in the order in which they were written`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        docker.answer { words in
            guard words.first == "logs", words.contains("--timestamps") else { return nil }
            return CommandResult(
                ending: .exited(0), output: Array("2026-11-21T17:05:35.1Z one\n2026-11-21T17:05:35.3Z three\n".utf8),
                errors: Array("2026-11-21T17:05:35.2Z two\n2026-11-21T17:05:35.3Z four\n".utf8))
        }
        _ = await refuse(stack(tag: "v2"))
        let words = fake.files.text(at: log)?.split(separator: "\n").compactMap { $0.split(separator: " ").last }
        #expect(words == ["one", "two", "three", "four"])
    }

    @Test func `a rollback does without a log`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        docker.answer { words in
            words.contains("--timestamps") ? .failing(1, "configured logging driver does not support reading\n") : nil
        }
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true)
        #expect(failure?.advice == "Correct what the last lines report, and deploy again.")
        #expect(fake.files.text(at: log) == nil)
    }

    /// The container is still there.
    @Test func `without a previous version docker has the log`() async throws {
        makeSick("sha256:app:v1")
        let failure = await refuse(stack(tag: "v1"))
        #expect(failure?.advice?.contains("docker logs") == true)
        #expect(fake.files.text(at: log) == nil)
    }
}
