import Propel

/// Real files below a directory, so that a test does not touch the machine.
struct Chroot: FileSystem {
    let root: FilePath
    private let files = LocalFileSystem()

    init(root: FilePath) { self.root = root }

    private func real(_ path: FilePath) -> FilePath { root.pushing(FilePath(root: nil, path.components)) }

    func status(of path: FilePath) throws(FileError) -> FileStatus? { try files.status(of: real(path)) }
    func read(_ path: FilePath) throws(FileError) -> [UInt8] { try files.read(real(path)) }
    func read(_ path: FilePath, first count: Int) throws(FileError) -> [UInt8] {
        try files.read(real(path), first: count)
    }
    func readWithStatus(_ path: FilePath) throws(FileError) -> (bytes: [UInt8], status: FileStatus) {
        try files.readWithStatus(real(path))
    }
    func list(_ path: FilePath) throws(FileError) -> [String] { try files.list(real(path)) }
    func destination(ofLink path: FilePath) throws(FileError) -> String { try files.destination(ofLink: real(path)) }
    func stage(_ bytes: [UInt8], for path: FilePath, mode: ModeBits, owner: Owner) throws(FileError) -> FilePath {
        try files.stage(bytes, for: real(path), mode: mode, owner: owner)
    }
    func commit(_ staged: FilePath, as path: FilePath) throws(FileError) { try files.commit(staged, as: real(path)) }
    func discard(_ staged: FilePath) { files.discard(staged) }
    func createDirectory(_ path: FilePath, mode: ModeBits, owner: Owner) throws(FileError) {
        try files.createDirectory(real(path), mode: mode, owner: owner)
    }
    func createLink(_ path: FilePath, to destination: String, owner: Owner?) throws(FileError) {
        try files.createLink(real(path), to: destination, owner: owner)
    }
    func setOwner(
        _ owner: Owner, mode: ModeBits, of path: FilePath, expecting status: FileStatus
    ) throws(FileError) {
        try files.setOwner(owner, mode: mode, of: real(path), expecting: status)
    }
    func setMode(_ mode: ModeBits, of path: FilePath) throws(FileError) { try files.setMode(mode, of: real(path)) }
    func setOwner(_ owner: Owner, of path: FilePath) throws(FileError) { try files.setOwner(owner, of: real(path)) }
    func remove(_ path: FilePath) throws(FileError) { try files.remove(real(path)) }
}
