import Foundation
import PropelTesting
import Synchronization
import Testing

/// What a test does to its machines in memory, operation by operation, is what it did when somebody last looked at it.
///
/// Most faults of a tool that changes machines are of one kind: the right operations in another order, one that is
/// missing, another mode or owner. Afterwards a machine in memory is in the same state, so no assertion on that state
/// sees them. `Scripts/record-operations` writes the records, and a commit shows how they change.
public struct OperationsTrait: SuiteTrait, TestTrait, TestScoping {
    public let isRecursive = true

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        let performed = Mutex<[String]>([])
        try await OperationLog.$recorder.withValue({ operation in performed.withLock { $0.append(operation) } }) {
            try await function()
        }
        let operations = performed.withLock { $0 }
        // “PropertiesTests/AptTests+Locks.swift”
        let file = String(test.sourceLocation.fileID.dropLast(".swift".count))
        if let folder = ProcessInfo.processInfo.environment["PROPEL_RECORD_OPERATIONS"] {
            try OperationRecord.write(operations, of: test.name, in: URL(filePath: folder).appending(path: file))
        } else if let difference = OperationRecord.of(test.name, in: file).difference(from: operations) {
            Issue.record(
                "\(difference)\nIf that is intended: Scripts/record-operations, and look at git diff.",
                sourceLocation: test.sourceLocation)
        }
    }
}

extension Trait where Self == OperationsTrait {
    /// The operations on machines in memory are compared with those on record.
    public static var recorded: OperationsTrait { OperationsTrait() }
}
