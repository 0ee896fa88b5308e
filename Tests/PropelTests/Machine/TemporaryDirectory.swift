import Foundation
import Testing

@testable import Propel

/// A temporary directory for a test, removed when the test ends.
final class TemporaryDirectory: Sendable {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/propel-test-XXXXXX".utf8CString)
        let name = try #require(mkdtemp(&template).map { String(cString: $0) })
        path = FilePath(name)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }
}

/// Waits until a program has written its PID.
func processID(in file: FilePath) async throws -> pid_t {
    while true {
        if let text = try? LocalFileSystem().text(file), let id = pid_t(text.prefix { $0 != "\n" }),
            text.hasSuffix("\n")
        {
            return id
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Whether a process runs: a zombie does not.
func isAlive(_ process: pid_t) -> Bool {
    let state = LocalFileSystem().statusField(3, of: process)
    return state != nil && state != "Z"
}
