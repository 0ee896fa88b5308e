import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct ImageTests {
    let fake = FakeMachine()
    /// Name and label of the images, and what builds still have to answer before one succeeds.
    final class Engine: Sendable {
        let images = Mutex<[String: (id: String, hash: String?)]>([:])
        let answers = Mutex<[CommandResult]>([])
        let canLimit = Mutex(true)
        /// The version of docker's command.
        let version = Mutex("20.10.24+dfsg1")
        /// The builders that were asked for, as docker is told.
        let builders = Mutex<[String]>([])
    }
    let engine = Engine()

    init() throws {
        fake.files.put("/proc/swaps", SwapFileTests.swapsHeader + "/swapfile file 1000000 0 -2\n")
        putMemory(total: 1_048_576)
        fake.files.put("/srv/app/Dockerfile", "FROM scratch\n")
        fake.files.put("/srv/app/main.c", "int main;\n")
        fake.commands.program("docker") { [engine] command in try Self.docker(command, engine) }
        plantTree()
    }

    func putMemory(total: Int) {
        fake.files.put("/proc/meminfo", "MemTotal: \(total) kB\nMemAvailable: 1 kB\n")
    }

    /// find, xargs and sha256sum, of the files in memory.
    func plantTree() {
        let files = fake.files
        fake.commands.program("find") { command in
            guard command.arguments.dropFirst() == ["-mindepth", "1", "-printf", "%y %m %l\\0%P\\0"] else {
                return .failing()
            }
            let top = FilePath(command.arguments[0])
            var output = ""
            for (path, node) in files.snapshot where path.starts(with: top) && path != top {
                let kind = node.status.kind == .file ? "f" : node.status.kind == .link ? "l" : "d"
                output +=
                    "\(kind) \(octal(node.status.mode)) "
                    + "\(node.destination)\0\(path.string.dropFirst(top.string.count + 1))\0"
            }
            return .printing(output)
        }
        fake.commands.program("xargs") { command in
            var output = ""
            for path in command.input.split(separator: 0) {
                let path = String(decoding: path, as: UTF8.self)
                guard let node = files[FilePath(path)], node.status.kind == .file else { return .failing(123) }
                output += Self.sum(node.bytes) + "  \(path)\0"
            }
            return .printing(output)
        }
        fake.commands.program("sha256sum") { .printing(Self.sum($0.input) + " *-\n") }
    }

    /// Tells bytes apart well enough for a test.
    static func sum(_ bytes: [UInt8]) -> String {
        var hasher = Hasher()
        hasher.combine(bytes)
        return String(UInt(bitPattern: hasher.finalize()), radix: 16)
    }

    static func docker(_ command: Invocation, _ engine: Engine) throws -> CommandResult {
        let words = command.arguments
        func value(_ option: String) -> String? { words.firstIndex(of: option).map { words[$0 + 1] } }
        switch words[0] {
        case "version": return .printing(engine.version.withLock { $0 } + "\n")
        case "info": return .printing(engine.canLimit.withLock { $0 } ? "true\n" : "false\n")
        case "build":
            let builder = command.environment["DOCKER_BUILDKIT"] ?? ""
            engine.builders.withLock { $0.append(builder) }
            // Classic is said, or BuildKit with its progress.
            guard builder == (value("--progress") == "plain" ? "1" : "0") else { return .failing() }
            let answer = engine.answers.withLock {
                $0.isEmpty ? CommandResult.printing("Successfully built\n") : $0.removeFirst()
            }
            if answer.succeeded, let name = value("--tag"), let label = value("--label") {
                engine.images.withLock { $0[name] = ("sha256:1", String(label.dropFirst(14))) }
            }
            return answer
        case "image" where words[1] == "inspect":
            guard let image = engine.images.withLock({ $0[words.last ?? ""] }) else {
                return .failing(1, "Error: No such image: \(words.last ?? "")\n")
            }
            return .printing(
                "\"\(image.id)\" " + (image.hash.map { "{\"propel.source\":\"\($0)\",\"other\":\"x\"}" } ?? "null")
                    + "\n")
        case "load":
            engine.images.withLock { $0["other:1"] = (Self.id, nil) }
            return .printing()
        case "image" where words[1] == "tag":
            engine.images.withLock { $0[words[3]] = (words[2], nil) }
            return .printing()
        default: return .failing(125, "unknown")
        }
    }

    static let id = "sha256:" + String(repeating: "ab", count: 32)
    let image = Docker.Image("app", builtFrom: "/srv/app", arguments: ["B": "2", "A": "1 x"], target: "run")
    var builds: [String] { fake.commands.log.filter { $0.hasPrefix("docker build") } }

    /// A build that does not wait between its attempts.
    func build(pauses: Int = 2) -> ImageBuild {
        ImageBuild(
            image: "app:latest",
            context: BuildContext(directory: "/srv/app", dockerfile: "Dockerfile", arguments: [:], target: nil),
            memoryLimit: .mebibytes(512), memoryAndSwap: .gibibytes(1), timeout: .seconds(60),
            pauses: Array(repeating: .zero, count: pauses))
    }

    // MARK: Building

    @Test func `is built once`() async throws {
        #expect(try await fake.obeysLaw(image).reason == "build it from /srv/app (stage run, A=1 x, B=2)")
        let build = try #require(builds.first)
        #expect(build.hasPrefix("docker build --tag app:latest --label propel.source="))
        #expect(
            build.hasSuffix(
                " --force-rm --file /srv/app/Dockerfile --memory 805306368 --memory-swap -1 --target run "
                    + "--build-arg 'A=1 x' --build-arg B=2 -- /srv/app"
            ))
        #expect(try await fake.check(image) == .satisfied)
    }

    @Test func `every input of the build changes its hash`() async throws {
        try await fake.obeysLaw(image)
        let changes: [() throws -> Void] = [
            { fake.files.put("/srv/app/main.c", "int Main;\n") },
            { fake.files.put("/srv/app/main.c", "int Main;\n", mode: 0o755) },
            { fake.files.put("/srv/app/new", "") }, { try fake.files.remove("/srv/app/new") },
            { fake.files.put("/srv/app/link", linkTo: "main.c") },
            { fake.files.put("/srv/app/link", linkTo: "new") },
            { fake.files.put("/srv/app/Dockerfile", "FROM scratch\n#\n") },
            { fake.files.put(directory: "/srv/app/empty") },
        ]
        for (index, change) in changes.enumerated() {
            try change()
            #expect(
                try await fake.obeysLaw(image).reason == "build it again: /srv/app (stage run, A=1 x, B=2) has changed",
                "\(index)")
        }
        #expect(try await fake.check(Docker.Image("app", builtFrom: "/srv/app", arguments: ["A": "1"])) != .satisfied)
    }

    @Test func `ignored files do not change the hash`() async throws {
        fake.files.put("/srv/app/.dockerignore", "# no\n.git\n**/*.o\n/out/*/x?\n")
        try await fake.obeysLaw(image)
        for path: FilePath in ["/srv/app/.git/config", "/srv/app/a.o", "/srv/app/lib/a/b.o", "/srv/app/out/1/xy"] {
            fake.files.put(path, "x")
        }
        try fake.files.remove("/srv/app/lib/a/b.o")
        try fake.files.remove("/srv/app/lib/a")
        try fake.files.remove("/srv/app/lib")
        // The directories on the way to what is ignored are there.
        #expect(try await fake.check(image).reason?.hasPrefix("build it again") == true)
        try await fake.obeysLaw(image)
        fake.files.put("/srv/app/out/1/xy", "y")
        fake.files.put("/srv/app/.git/config", "y")
        #expect(try await fake.check(image) == .satisfied)
        fake.files.put("/srv/app/out/1/xyz", "y")
        #expect(try await fake.check(image) != .satisfied)
    }

    /// docker sends them in any case.
    @Test func `the Dockerfile and .dockerignore change the hash`() async throws {
        fake.files.put("/srv/app/.dockerignore", "*\n")
        try await fake.obeysLaw(image)
        fake.files.put("/srv/app/main.c", "int Main;\n")
        #expect(try await fake.check(image) == .satisfied)
        fake.files.put("/srv/app/Dockerfile", "FROM scratch\n#\n")
        try await fake.obeysLaw(image)
        fake.files.put("/srv/app/.dockerignore", "*\n*\n")
        #expect(try await fake.check(image) != .satisfied)
    }

    /// A name with a newline must not count as two names, nor the bytes of one file as those of another.
    @Test func `names count as they are`() async throws {
        fake.files.put("/srv/app/a\nb", "1")
        fake.files.put("/srv/app/c d", "2")
        try await fake.obeysLaw(image)
        let renamed: [(FilePath, FilePath)] = [("/srv/app/a\nb", "/srv/app/a\n b"), ("/srv/app/c d", "/srv/app/c  d")]
        for (old, new) in renamed {
            let text = try #require(fake.files.text(at: old))
            try fake.files.remove(old)
            fake.files.put(new, text)
            try await fake.obeysLaw(image)
        }
        fake.files.put("/srv/app/a\n b", "2")
        fake.files.put("/srv/app/c  d", "1")
        #expect(try await fake.check(image) != .satisfied)
    }

    @Test(arguments: [
        ("a", "a", true), ("a", "a/b", true), ("a", "ab", false), ("a", "b/a", false), ("*/a", "b/a", true),
        ("**/a", "a", true), ("**/a", "b/c/a", true),
        ("a/**", "a/b/c", true), ("*.o", "a.o", true), ("*.o", "b/a.o", false), ("?", "ab", false), ("./a/", "a", true),
        ("a**", "ab", false),
        ("*\n!b", "a", false), ("[a]", "a", false), ("#a", "#a", false), ("../a", "a", false),
        ("!b\n*", "a", false), ("a\n\\*", "a", false), ("a\r\nb\r\n", "b", true), ("  a  ", "a", true),
        ("a//b", "a/b", true),
        // All below a directory, and not the directory.
        ("a/**", "a", false), ("**", "a", true), ("**", ".a/b", true), ("a/**/b", "a/b", true),
        ("a/**/b", "a/c/d/b", true), ("a/**/b", "a/c", false),
        ("a/**/b", "b", false), ("**/**", "a", true), ("**/*.o", "x/y.o", true), ("**/*.o", "x/y.c", false),
        ("*", ".a", true), ("a?c", "a/c", false),
        // Names are bytes to docker: names that look equal may differ, and a combining mark is a character.
        ("\u{E9}", "e\u{301}", false), ("?", "e\u{301}", false), ("a", "a/\u{301}b", true), ("a\u{2028}b", "b", false),
    ])
    func `patterns are those of docker`(_ pattern: String, _ path: String, _ isIgnored: Bool) {
        #expect(DockerIgnore(Array(pattern.utf8)).contains(path) == isIgnored)
    }

    @Test func `an image of the same name that Propel did not build is rebuilt`() async throws {
        engine.images.withLock { $0["app:latest"] = ("sha256:0", nil) }
        #expect(try await fake.obeysLaw(image).reason.hasSuffix("the present image was not built by Propel"))
    }
}
