import Foundation
import SystemPackage

extension FilePath {
    /// Has the content of a file, or the names in a folder, on the disk before anything is said of them: after a power cut a file that
    /// was only renamed may be there and empty (fsync(2)).
    /// - Throws: ``BuildError``.
    func sync() throws {
        do {
            let descriptor = try FileDescriptor.open(self, .readOnly, options: .closeOnExec)
            defer { try? descriptor.close() }
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw BuildError(description: "\(self) cannot be written to the disk: \(error)")
        }
    }
}
