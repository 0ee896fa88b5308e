import Libc
import SystemPackage

/// The names in a directory.
enum DirectoryNames {
    /// Reads the names, sorted, without `.` and `..`.
    /// - Parameters:
    ///   - descriptor: of the directory. It is closed.
    ///   - error: the error with this cause.
    static func read(_ descriptor: Int32, error: (Errno) -> FileError) throws(FileError) -> [String] {
        guard let directory = fdopendir(descriptor) else {
            let cause = Errno(rawValue: errno)
            close(descriptor)
            throw error(cause)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            // The only way to distinguish an error of readdir from the end.
            errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw error(Errno(rawValue: errno)) }
        return names.sorted()
    }
}
