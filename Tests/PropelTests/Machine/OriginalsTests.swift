import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct OriginalsTests {
    let fake = FakeMachine()
    private var files: FakeFileSystem { fake.files }
    private var originals: Originals { fake.machine.originals }
    private let path: FilePath = "/etc/app.conf"

    private var kept: [FilePath] {
        ((try? files.list("/var/lib/propel/originals")) ?? []).map {
            FilePath("/var/lib/propel/originals").appending($0)
        }
    }

    @Test func `what was absent is absent again`() throws {
        try originals.keep(path)
        files.put(path, "new")
        try originals.restore(path)
        #expect(files[path] == nil)
    }

    @Test func `a file gets back its bytes, mode and owner`() throws {
        files.put(path, bytes: [0, 255, 10, 13], mode: 0o4750, owner: Owner(user: 3, group: 4))
        let before = files.snapshot
        try originals.keep(path)
        files.put(path, "new")
        try originals.restore(path)
        #expect(files.snapshot == before)
    }

    @Test func `a link gets back its destination`() throws {
        files.put(path, linkTo: "../usr/share/app.conf")
        try originals.keep(path)
        try files.remove(path)
        files.put(path, "new")
        try originals.restore(path)
        #expect(files[path]?.destination == "../usr/share/app.conf")
    }

    @Test func `a file is restored in the place of a link`() throws {
        files.put(path, "old")
        try originals.keep(path)
        files.put(path, linkTo: "elsewhere")
        try originals.restore(path)
        #expect(files.text(at: path) == "old")
    }

    /// The content may be missing, and the disk may be full.
    @Test(arguments: [FileStatus.Kind.file, .link, .directory])
    func `a file that cannot be restored does not take away what is in its place`(_ kind: FileStatus.Kind) throws {
        files.put(path, "old")
        try originals.keep(path)
        try files.remove(path)
        switch kind {
        case .link: files.put(path, linkTo: "elsewhere")
        case .directory: files.put(directory: path)
        case .file, .other: files.put(path, "new")
        }
        let before = files.snapshot
        for count in 0..<2 {
            fake.inject(.error, after: count)
            #expect(throws: FileError.self) { try originals.restore(path) }
            #expect(files.snapshot == before, "\(count)")
        }
        let content = FilePath("/var/lib/propel/originals").appending(escaping: "\(path).content")
        let bytes = try #require(files[content]?.bytes)
        try files.remove(content)
        #expect(throws: FileError.self) { try originals.restore(path) }
        #expect(files.snapshot == before)
        #expect(try originals.has(path), "it can be tried again")
        files.put(content, bytes: bytes, mode: 0o600)
        try originals.restore(path)
        #expect(files.text(at: path) == "old")
    }

    @Test func `a directory gets back its mode and owner`() throws {
        files.put(directory: path, mode: 0o711, owner: Owner(user: 3, group: 4))
        files.put(path.appending("inside"), "stays")
        let before = files.snapshot
        try originals.keep(path)
        try files.setMode(0o700, of: path)
        try files.setOwner(.root, of: path)
        try originals.restore(path)
        #expect(files.snapshot == before)
    }

    @Test func `a missing directory is created again`() throws {
        files.put(directory: path, mode: 0o711)
        try originals.keep(path)
        try files.remove(path)
        try originals.restore(path)
        #expect(files[path]?.status.kind == .directory && files[path]?.status.mode == 0o711)
    }

    @Test func `a directory with files is not removed, though nothing was there`() throws {
        try originals.keep(path)
        files.put(path.appending("precious"), "data")
        #expect(throws: FileError.self) { try originals.restore(path) }
        #expect(files.text(at: path.appending("precious")) == "data")
        #expect(try originals.has(path))
    }

    @Test func `only the first original is kept`() throws {
        files.put(path, "first")
        try originals.keep(path)
        files.put(path, "second")
        try originals.keep(path)
        try originals.restore(path)
        #expect(files.text(at: path) == "first")
    }

    @Test func `restoring removes the record`() throws {
        files.put(path, "first")
        try originals.keep(path)
        #expect(try originals.has(path))
        try originals.restore(path)
        #expect(try !originals.has(path))
        #expect(kept.isEmpty)
        files.put(path, "later")
        try originals.restore(path)
        #expect(files.text(at: path) == "later")
    }

    @Test func `originals in another directory are separate and can be listed`() throws {
        let fake = FakeMachine()
        let other = Originals(files: fake.files, directory: "/var/lib/propel/other")
        #expect(try other.paths == [])
        fake.files.put("/etc/b", "before\n")
        try other.keep("/etc/b")
        try other.keep("/etc/a")
        #expect(try other.paths == ["/etc/a", "/etc/b"])
        #expect(try fake.machine.originals.paths == [])
        fake.files.put("/etc/b", "after\n")
        try other.forget("/etc/a")
        try other.restore("/etc/b")
        #expect(fake.files.text(at: "/etc/b") == "before\n")
        #expect(try other.paths == [])
        fake.files.put("/var/lib/propel/other/x.json", "{")
        #expect(throws: Failure.self) { try other.paths }
    }

    @Test func `records are readable by root only`() throws {
        files.put(path, "secret", mode: 0o600)
        try originals.keep(path)
        #expect(files["/var/lib/propel/originals"]?.status.mode == 0o700)
        #expect(kept.count == 2 && kept.allSatisfy { files[$0]?.status.mode == 0o600 })
    }

    @Test func `an interrupted keep is repeated`() throws {
        files.put(path, "old")
        // The content is written and the record is not: the disk is full.
        let record = FilePath("/var/lib/propel/originals").appending(escaping: "\(path).json")
        files.fail(record, with: .noSpace)
        #expect(throws: FileError.self) { try originals.keep(path) }
        #expect(try !originals.has(path))
        let next = FakeMachine()
        for file in kept { next.files.put(file, bytes: files[file]?.bytes ?? []) }
        next.files.put(path, "newer")
        try next.machine.originals.keep(path)
        next.files.put(path, "applied")
        try next.machine.originals.restore(path)
        #expect(next.files.text(at: path) == "newer")
    }

    @Test func `similar paths have separate records`() throws {
        let other = FilePath("/etc/app.conf.json")
        files.put(path, "one")
        files.put(other, "two")
        try originals.keep(path)
        try originals.keep(other)
        files.put(path, "x")
        files.put(other, "x")
        try originals.restore(path)
        try originals.restore(other)
        #expect([files.text(at: path), files.text(at: other)] == ["one", "two"])
    }

    @Test(arguments: [
        "", "{", "[]", #"{"kind":"file"}"#, #"{"kind":"file","mode":-1,"user":0,"group":0}"#,
        #"{"kind":"file","mode":420,"user":99999999999,"group":0}"#, #"{"kind":"ghost"}"#, #"{"kind":"link"}"#,
    ])
    func `a damaged record is an error and changes nothing`(record: String) throws {
        files.put(path, "old")
        try originals.keep(path)
        let file = try #require(kept.first { $0.string.hasSuffix("json") })
        files.put(file, record)
        files.put(path, "new")
        let error = #expect(throws: Failure.self) { try originals.restore(path) }
        #expect(error?.advice?.contains(file.string) == true)
        #expect(files.text(at: path) == "new")
        #expect(try originals.has(path))
    }

    @Test func `originals work on real files`() throws {
        let directory = try TemporaryDirectory()
        let real = LocalFileSystem()
        let machine = Machine(files: Chroot(root: directory.path), commands: FakeCommands())
        try real.createDirectories(directory.path.appending("var/lib"), mode: 0o755)
        try real.createDirectories(directory.path.appending("etc"), mode: 0o755)
        try machine.files.replace("/etc/app.conf", with: [1, 2, 3], mode: 0o640, owner: Owner(user: 1, group: 2))
        try machine.originals.keep("/etc/app.conf")
        try machine.files.replace("/etc/app.conf", with: [9], mode: 0o600)
        try machine.originals.restore("/etc/app.conf")
        let status = try machine.files.status(of: "/etc/app.conf")
        #expect(try machine.files.read("/etc/app.conf") == [1, 2, 3])
        #expect(status?.mode == 0o640 && status?.owner == Owner(user: 1, group: 2))
    }

    @Test(arguments: Fault.allCases)
    func `what was there is kept whole, whatever ends the run`(_ fault: Fault) throws {
        for count in 0..<12 {
            let fake = FakeMachine(), originals = fake.machine.originals
            fake.files.put(path, "old", mode: 0o640)
            let before = fake.files.snapshot
            fake.inject(fault, after: count)
            try? originals.keep(path)
            fake.restart(seed: UInt64(count))
            if try originals.has(path) {
                #expect(try originals.bytes(of: path) == Array("old".utf8), "\(fault) after \(count)")
            }
            try originals.keep(path)
            fake.files.put(path, "new")
            // A restore that is cut is finished by the next.
            fake.inject(fault, after: count)
            try? originals.restore(path)
            fake.restart(seed: UInt64(count))
            let found = fake.files.text(at: path) ?? ""
            #expect(["old", "new"].contains(found), "\(fault) after \(count)")
            try originals.restore(path)
            #expect(fake.files.snapshot == before, "\(fault) after \(count)")
        }
    }
}
