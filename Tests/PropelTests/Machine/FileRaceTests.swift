import Libc
import Propel
import Testing

/// Root works on files in the home of a user who exchanges their names without end.
@Suite struct FileRaceTests {
    private let files = LocalFileSystem()
    private let directory: TemporaryDirectory
    private let user = Owner(user: 65534, group: 65534)
    private var home: FilePath { directory.path.appending("home") }

    init() throws {
        directory = try TemporaryDirectory()
        try files.setMode(0o755, of: directory.path)
        try files.createDirectory(home, mode: 0o755, owner: user)
    }

    /// Runs `body` while a process of the user exchanges two names in the home (renameat2(2)).
    private func whileExchanging(_ first: String, _ second: String, _ body: () throws -> Void) throws {
        let script = """
            import ctypes, os, sys
            libc = ctypes.CDLL(None)
            os.chdir(sys.argv[1])
            first, second = sys.argv[2].encode(), sys.argv[3].encode()
            while True: libc.renameat2(-100, first, -100, second, 2)
            """
        let words =
            ["setpriv", "--reuid=\(user.user)", "--regid=\(user.group)", "--clear-groups", "/usr/bin/python3", "-c"]
            + [script, home.string, first, second]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var attacker = pid_t()
        #expect(posix_spawnp(&attacker, "setpriv", nil, nil, arguments, environ) == 0)
        defer {
            kill(attacker, SIGKILL)
            waitpid(attacker, nil, 0)
        }
        try body()
    }

    /// Calls `body` until the names were exchanged during a call and it succeeded as well, or often enough.
    private func repeatedly(_ body: () throws -> Void) throws {
        var succeeded = 0, refused = 0
        for _ in 0..<3000 where succeeded < 200 || refused < 20 {
            do {
                try body()
                succeeded += 1
            } catch let error as FileError where error.cause == .staleNFSFileHandle || error.cause == .fileExists {
                refused += 1
            }
        }
        #expect(succeeded > 0)
    }

    private func status(of kind: FileStatus.Kind, in names: [String]) throws -> FileStatus {
        try #require(try names.compactMap { try files.status(of: home.appending($0)) }.first { $0.kind == kind })
    }

    @Test func `a file that takes the place of a directory is not given away`() throws {
        let path = home.appending("data")
        try files.createDirectory(path, mode: 0o700, owner: user)
        try files.replace(home.appending(".env"), with: Array("secret".utf8), mode: 0o600)
        try whileExchanging("data", ".env") {
            try repeatedly {
                guard let status = try files.status(of: path), status.kind == .directory else { return }
                try files.setOwner(user, mode: 0o755, of: path, expecting: status)
            }
        }
        let secret = try status(of: .file, in: ["data", ".env"])
        #expect(secret.owner == .root && secret.mode == 0o600)
    }

    @Test func `a file that takes the place of one with the declared content is not given away`() throws {
        let path = home.appending("data"), secret = home.appending(".env")
        try files.replace(path, with: Array("declared".utf8), mode: 0o600, owner: user)
        try files.replace(secret, with: Array("secret".utf8), mode: 0o600)
        try whileExchanging("data", ".env") {
            try repeatedly {
                let (bytes, status) = try files.readWithStatus(path)
                guard bytes == Array("declared".utf8) else { return }
                try files.setOwner(user, mode: 0o644, of: path, expecting: status)
            }
        }
        let found = try [path, secret].map { try files.readWithStatus($0) }
        let status = try #require(found.first { $0.bytes == Array("secret".utf8) }?.status)
        #expect(status.owner == .root && status.mode == 0o600)
    }

    @Test func `a directory that takes the place of a new one is not given away`() throws {
        let path = home.appending("new"), secret = home.appending("secret")
        try files.createDirectory(secret, mode: 0o700, owner: .root)
        try files.replace(secret.appending("key"), with: Array("secret".utf8), mode: 0o600)
        try whileExchanging("new", "secret") {
            for _ in 0..<200 {
                try? files.createDirectory(path, mode: 0o755, owner: user)
                // The directory with the key is not empty and stays.
                for name in [path, secret] { try? files.remove(name) }
                if try files.status(of: path.appending("key")) != nil { rename(path.string, secret.string) }
            }
        }
        let found = try [path, secret].filter { try files.status(of: $0.appending("key")) != nil }
        let status = try files.status(of: try #require(found.first))
        #expect(status?.owner == .root && status?.mode == 0o700)
        #expect(try files.list(home).allSatisfy { ["new", "secret"].contains($0) })
    }

    @Test func `several threads make directories and links in one directory`() async throws {
        let files = files, folder = directory.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<50 {
                        try files.createDirectory(folder.appending("d\(task).\(index)"), mode: 0o755, owner: .root)
                        try files.createLink(folder.appending("l\(task).\(index)"), to: "x", owner: .root)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try files.list(folder).filter { $0 != home.lastComponent?.string }.count == 800)
    }

    @Test func `a file with several hard links is not given away`() throws {
        let path = home.appending("data"), secret = directory.path.appending("secret")
        try files.replace(secret, with: [], mode: 0o600)
        #expect(link(secret.string, path.string) == 0)
        let status = try #require(try files.status(of: path))
        #expect(throws: FileError("set the owner and the mode of", path, .tooManyLinks)) {
            try files.setOwner(user, mode: 0o644, of: path, expecting: status)
        }
        #expect(try files.status(of: secret)?.owner == .root)
    }

    @Test func `owner and mode are set with the set-user-ID bit`() throws {
        let path = directory.path.appending("program")
        try files.replace(path, with: [1], mode: 0o755)
        let status = try #require(try files.status(of: path))
        try files.setOwner(user, mode: 0o4755, of: path, expecting: status)
        let changed = try files.status(of: path)
        #expect(changed?.owner == user && changed?.mode == 0o4755 && changed?.identity == status.identity)
    }

    @Test func `a huge sparse file is reported as such`() throws {
        let path = home.appending("huge")
        try files.replace(path, with: Array("beginning".utf8), mode: 0o600, owner: user)
        #expect(truncate(path.string, 1 << 40) == 0)
        #expect(throws: FileError("read", path, .fileTooLarge)) { try files.read(path) }
        #expect(throws: FileError("read", path, .fileTooLarge)) { try files.text(path) }
        #expect(try files.read(path, first: 9) == Array("beginning".utf8))
    }

    @Test func `a file of the size limit is read and a larger one is not`() throws {
        let path = directory.path.appending("large")
        try files.replace(path, with: [], mode: 0o600)
        #expect(truncate(path.string, off_t(FileStatus.readLimit)) == 0)
        #expect(try files.read(path).count == FileStatus.readLimit)
        #expect(truncate(path.string, off_t(FileStatus.readLimit) + 1) == 0)
        #expect(throws: FileError("read", path, .fileTooLarge)) { try files.read(path) }
    }
}
