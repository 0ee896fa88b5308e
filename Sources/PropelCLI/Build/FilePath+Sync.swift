import Foundation
import SystemPackage

extension FilePath {
    /// Writes the content of a file, or the names in a folder, to the disk (fsync(2)).
    ///
    /// After a power cut, a file that was only renamed may be there and empty.
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
