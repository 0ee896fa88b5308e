extension FileDescriptor {
    /// Opens a file of Propel's own.
    /// - Throws: ``FileError`` with the path: `Errno` alone is “Read-only file system” to who reads it.
    static func open(
        own path: FilePath, _ mode: AccessMode, options: OpenOptions, permissions: FilePermissions? = nil
    ) throws(FileError) -> FileDescriptor {
        do { return try open(path, mode, options: options, permissions: permissions) } catch {
            throw FileError("open", path, error as? Errno ?? .ioError)
        }
    }
}
