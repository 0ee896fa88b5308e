import Propel
import PropelTesting
import Testing

/// Random operations: the files in memory behave as real files do.
@Suite struct FakeFileSystemTests {
    @Test(arguments: 0..<20) func `a random sequence has the same result as on real files`(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let real = Chroot(root: directory.path), fake = FakeFileSystem()
        try LocalFileSystem().setMode(0o755, of: directory.path)
        try real.createDirectory("/srv", mode: 0o755, owner: .root)
        fake.put(directory: "/srv")
        var generator = SeededGenerator(seed: seed)
        var history: [String] = []
        for _ in 0..<60 {
            let operation = Operation.random(using: &generator)
            history.append(operation.description)
            let expected = operation.outcome(on: real), found = operation.outcome(on: fake)
            try #require(found == expected, "after \(history.joined(separator: "; "))")
        }
        #expect(try look(at: "/srv", in: fake) == look(at: "/srv", in: real))
    }

    private func look(at path: FilePath, in files: any FileSystem) throws -> [String] {
        guard let status = try files.status(of: path) else { return [] }
        let line = "\(path) \(status.kind) \(String(status.mode, radix: 8)) \(status.owner)"
        guard status.kind == .directory else { return [line] }
        return try [line] + files.list(path).flatMap { try look(at: path.appending($0), in: files) }
    }
}

private enum Operation: CustomStringConvertible {
    case write(FilePath, ModeBits), writeAndDiscard(FilePath), directory(FilePath), directories(FilePath), link(
        FilePath, String)
    case mode(FilePath, ModeBits), owner(FilePath), access(FilePath, ModeBits), remove(FilePath), read(FilePath),
        list(FilePath), look(FilePath),
        destination(FilePath)

    static func random(using generator: inout SeededGenerator) -> Operation {
        // Links are dangling: the files in memory do not follow links of other users.
        let names = ["a", "b", "a/c", "a/d", "b/c", "a/c/e"]
        let path = FilePath("/srv").appending(names.randomElement(using: &generator) ?? "a")
        let mode: ModeBits = [0o600, 0o644, 0o755, 0o4755].randomElement(using: &generator) ?? 0o644
        switch Int.random(in: 0..<15, using: &generator) {
        case 0, 1: return .write(path, mode)
        case 2: return .writeAndDiscard(path)
        case 3, 4: return .directory(path)
        case 5: return .directories(path)
        case 6: return .link(path, ["nowhere", "/no/where"].randomElement(using: &generator) ?? "")
        case 7: return .mode(path, mode)
        case 8: return .owner(path)
        case 9, 10: return .remove(path)
        case 11: return .read(path)
        case 12: return .list(path)
        case 13: return .access(path, mode)
        default: return Bool.random(using: &generator) ? .look(path) : .destination(path)
        }
    }

    /// The result or the error, without the path of the directory.
    func outcome(on files: any FileSystem) -> String {
        do { return try perform(on: files) } catch let error as FileError {
            return "cannot \(error.operation): \(error.cause)"
        } catch { return "\(error)" }
    }

    private func perform(on files: any FileSystem) throws -> String {
        switch self {
        case .write(let path, let mode):
            try files.replace(path, with: [1, 2, 3], mode: mode, owner: Owner(user: 1, group: 2))
        case .writeAndDiscard(let path): files.discard(try files.stage([1], for: path, mode: 0o600, owner: .root))
        case .directory(let path): try files.createDirectory(path, mode: 0o750, owner: Owner(user: 3, group: 4))
        case .directories(let path): try files.createDirectories(path, mode: 0o755)
        case .link(let path, let destination): try files.createLink(path, to: destination)
        case .mode(let path, let mode): try files.setMode(mode, of: path)
        case .owner(let path): try files.setOwner(Owner(user: 5, group: 6), of: path)
        case .access(let path, let mode):
            guard let status = try files.status(of: path) else { return "nothing" }
            try files.setOwner(Owner(user: 7, group: 8), mode: mode, of: path, expecting: status)
        case .remove(let path): try files.remove(path)
        case .read(let path): return "\(try files.read(path))"
        case .list(let path): return "\(try files.list(path))"
        case .look(let path):
            guard let status = try files.status(of: path) else { return "nothing" }
            return "\(status.kind) \(status.mode) \(status.owner) \(status.kind == .file ? status.size : 0)"
        case .destination(let path): return try files.destination(ofLink: path)
        }
        return "done"
    }

    var description: String {
        switch self {
        case .write(let path, let mode): "write \(path) \(String(mode, radix: 8))"
        case .writeAndDiscard(let path): "write and discard \(path)"
        case .directory(let path): "make \(path)"
        case .directories(let path): "make all of \(path)"
        case .link(let path, let destination): "link \(path) to \(destination)"
        case .mode(let path, let mode): "mode of \(path) \(String(mode, radix: 8))"
        case .owner(let path): "owner of \(path)"
        case .access(let path, let mode): "owner and mode of \(path) \(String(mode, radix: 8))"
        case .remove(let path): "remove \(path)"
        case .read(let path): "read \(path)"
        case .list(let path): "list \(path)"
        case .look(let path): "look at \(path)"
        case .destination(let path): "destination of \(path)"
        }
    }
}
