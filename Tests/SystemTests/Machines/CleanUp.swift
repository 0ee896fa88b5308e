import Foundation
import Synchronization
import Testing

/// What has to be undone at the end of a test, whether it passed or not: last first, like `defer`.
final class CleanUp: Sendable {
    /// The one of the test that is running.
    @TaskLocal private static var ofTest: CleanUp?

    /// - Throws: if the test has no trait such as `.machines` or `.sandbox()`.
    static var current: CleanUp {
        get throws {
            guard let ofTest else { throw Unexpected("the test needs a trait such as .machines or .machine()") }
            return ofTest
        }
    }

    private struct Step {
        let name: String
        let log: (@Sendable () async -> String?)?
        let undo: @Sendable () async throws -> Void
    }

    private let steps = Mutex<[Step]>([])

    /// - Parameter log: returns what a person wants to read if the test fails; nothing by default.
    func add(
        _ name: String, log: (@Sendable () async -> String?)? = nil, undo: @escaping @Sendable () async throws -> Void
    ) {
        steps.withLock { $0.append(Step(name: name, log: log, undo: undo)) }
    }

    /// Runs a test, then undoes what it has made. If the test failed the logs are kept first.
    static func around(_ test: Test, _ body: @Sendable () async throws -> Void) async throws {
        let cleanUp = CleanUp()
        let failed = Atomic(false)
        let noteFailure = IssueHandlingTrait.compactMapIssues { issue in
            failed.store(true, ordering: .relaxed)
            return issue
        }
        var errors: [any Error] = []
        do {
            try await noteFailure.provideScope(for: test, testCase: Test.Case.current) {
                try await $ofTest.withValue(cleanUp) { try await body() }
            }
        } catch {
            errors.append(error)
        }
        let keepsLogs = !errors.isEmpty || failed.load(ordering: .relaxed)
        for step in cleanUp.steps.withLock({ $0 }).reversed() {
            if keepsLogs, let log = await step.log?() { try? Self.keep(log, of: step.name, in: test) }
            do { try await step.undo() } catch { errors.append(error) }
        }
        if let first = errors.first { throw first }
    }

    /// In `.build/test-logs`, which is no part of the repository.
    private static func keep(_ log: String, of name: String, in test: Test) throws {
        let folder = Configuration.repository.appending(path: ".build/test-logs")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "\(name).log")
        try log.write(to: file, atomically: true, encoding: .utf8)
        print("“\(test.displayName ?? test.name)” failed: the log of \(name) is in \(file.path)")
    }
}
