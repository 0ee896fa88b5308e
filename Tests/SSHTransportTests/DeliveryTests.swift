import Vocabulary
import Foundation
import Synchronization
import Testing

@testable import SSHTransport

extension WithServer {
    @Suite struct Delivery {
        private func start(
            _ connection: Connection, _ enforcer: Enforcer, _ server: Server, arguments: [String] = [],
            become: Become = .sudo,
            directory: String? = nil, progress: @Sendable (UploadProgress) -> Void = { _ in }
        ) async throws -> RemoteRun {
            try await connection.start(
                enforcer: { _ in enforcer }, arguments: arguments, become: become,
                directory: directory ?? server.target, progress: progress)
        }

        /// A server where ada becomes root with a sudo that asks for no password.
        private func serverWithSudo() throws -> Server {
            let server = try Server()
            try server.install("sudo", Fake.sudo(server, mode: "free"))
            return server
        }

        @Test func `a missing enforcer is uploaded and runs`() async throws {
            let server = try serverWithSudo()
            let enforcer = try server.enforcer(
                "echo \"$ARGUMENTS\" | sed 's/ --mark .*//'; echo problem >&2; echo 'no newline'; exit 5")
            let connection = try await server.connect()
            let seen = Mutex<[UploadProgress]>([])
            let arguments = ["it's", "a b", "$HOME", "*", "", "ü!"]
            let run = try await start(connection, enforcer, server, arguments: arguments) { step in
                seen.withLock { $0.append(step) }
            }
            #expect(try await run.allLines() == ["it's a b $HOME *  ü!", "no newline"])
            #expect(try await run.exitStatus() == .exited(5))
            #expect(await run.errorOutput == "problem\n")
            let steps = seen.withLock { $0 }
            #expect(steps.last?.sent == steps.last?.total)
            #expect(
                try shell("stat -c '%a %u %F' \(server.target) \(server.target)/*")
                    == "700 0 directory\n700 0 regular file")
            #expect(try shell("ls -A \(server.target)") == enforcer.sha256)
            let compressed = enforcer.file + Compression.best.suffix
            #expect(try shell("stat -c %Y \(enforcer.file)") == shell("stat -c %Y \(compressed)"))
            let size = try #require(
                try FileManager.default.attributesOfItem(atPath: compressed)[.size] as? Int)
            #expect(run.upload == Upload(size: size, compression: .best))
            #expect(steps.last?.total == size)

            // The second time it is there.
            let uploads = seen.withLock { $0.count }
            let again = try await start(connection, enforcer, server) { step in seen.withLock { $0.append(step) } }
            _ = try await again.allLines()
            #expect(again.upload == nil)
            #expect(seen.withLock { $0.count } == uploads)
        }

        @Test func `lines of text are all lines in their order`() async throws {
            let server = try serverWithSudo()
            let enforcer = try server.enforcer("seq 2000; printf 'in two '; sleep 0.1; echo pieces; printf rest")
            let run = try await start(try await server.connect(), enforcer, server)
            var lines: [String] = []
            for try await line in run.textLines { lines.append(line) }
            #expect(lines == (1...2000).map { "\($0)" } + ["in two pieces"])
            #expect(try await run.exitStatus() == .exited(0))
        }

        @Test func `messages go both ways`() async throws {
            let server = try serverWithSudo()
            let enforcer = try server.enforcer("while read -r line; do echo \"got $line\"; done; echo bye")
            let run = try await start(try await server.connect(), enforcer, server)
            let iterator = run.lines.makeAsyncIterator()
            for word in ["one", "propel:x:ready", "{\"a\": 1}"] {
                try await run.send(word)
                #expect(try await iterator.next() == "got \(word)")
            }
            try await run.finishSending()
            #expect(try await iterator.next() == "bye")
            #expect(try await iterator.next() == nil)
            #expect(try await run.exitStatus() == .exited(0))
        }

        @Test func `output of the login shell is set aside`() async throws {
            let server = try serverWithSudo()
            try "echo 'Welcome!'; echo propel:0123:ready; printf 'no newline'; echo >&2 warning\n"
                .write(toFile: server.directory + "/home/ada/.bashrc", atomically: true, encoding: .utf8)
            let enforcer = try server.enforcer("echo frame")
            let run = try await start(try await server.connect(), enforcer, server)
            #expect(try await run.allLines() == ["frame"])
            #expect(await run.noise.hasPrefix("Welcome!\n"))
        }

        @Test func `endless output of the login shell is an error`() async throws {
            let server = try serverWithSudo()
            try "cat /dev/zero\n".write(
                toFile: server.directory + "/home/ada/.bashrc", atomically: true, encoding: .utf8)
            let enforcer = try server.enforcer("echo frame")
            let connection = try await server.connect()
            await #expect(throws: TransportError.lineTooLong(host: "box", limit: 1 << 20)) {
                _ = try await start(connection, enforcer, server)
            }
        }

        @Test func `an enforcer that does not start is reported with its output`() async throws {
            let server = try serverWithSudo()
            let file = server.directory + "/broken"
            try "#!/bin/sh\necho cannot >&2; exit 9\n".write(toFile: file, atomically: true, encoding: .utf8)
            let broken = Enforcer(file: file, sha256: try shell("sha256sum \(file) | cut -d' ' -f1"))
            await #expect(throws: TransportError.startFailed(host: "box", status: .exited(9), output: "cannot\n")) {
                _ = try await start(try await server.connect(), broken, server)
            }
        }

        @Test func `a wrong hash installs nothing`() async throws {
            let server = try serverWithSudo()
            var enforcer = try server.enforcer("echo hello")
            enforcer.sha256 = String(repeating: "0", count: 64)
            do {
                _ = try await start(try await server.connect(), enforcer, server)
                Issue.record("a file with a wrong hash was run")
            } catch TransportError.uploadFailed {}
            #expect(try shell("ls -A \(server.target)") == "")
        }

        @Test func `a damaged compressed copy is recreated`() async throws {
            let server = try serverWithSudo()
            let enforcer = try server.enforcer("echo damaged before")
            let compressed = enforcer.file + Compression.best.suffix
            try shell(
                "echo other | \(Compression.best.rawValue) >\(compressed); touch -r \(enforcer.file) \(compressed)")
            let run = try await start(try await server.connect(), enforcer, server)
            #expect(try await run.allLines() == ["damaged before"])
        }

        @Test func `an upload that is cut installs nothing, and the next one goes on where it stopped`() async throws {
            let server = try serverWithSudo()
            let enforcer = try server.enforcer(
                "echo done; exit; \(try shell("head -c 6000000 /dev/urandom | base64 -w 0"))")
            let connection = try await server.connect()
            await #expect(throws: (any Error).self) {
                _ = try await start(connection, enforcer, server) { step in
                    if step.sent > 1_000_000 { connection.cancel() }
                }
            }
            // The script on the machine notices, and leaves nothing behind but what has arrived.
            for _ in 0..<6000 {
                if try shell(
                    "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c "
                        + "'^\(server.directory)/target/[e]nforcers$' || :"
                ) == "0" {
                    break
                }
                usleep(10_000)
            }
            #expect(try shell("cd \(server.target) && ls") == "")
            let size = try #require(Int(try shell("cd \(server.target) && cat .*.part | wc -c")))
            #expect(size > 0)
            let first = Mutex<UploadProgress?>(nil)
            let run = try await start(try await server.connect(), enforcer, server) { step in
                first.withLock { $0 = $0 ?? step }
            }
            #expect(try await run.allLines() == ["done"])
            #expect(first.withLock { $0?.sent } == size)
            #expect(try shell("ls -A \(server.target)") == enforcer.sha256, "no part is left")
        }

        @Test func `a full disk is reported as such`() async throws {
            let server = try serverWithSudo()
            let enforcer = try server.enforcer("exit; \(try shell("head -c 3000000 /dev/urandom | base64 -w 0"))")
            let size = try FileManager.default.attributesOfItem(atPath: enforcer.file)[.size] as? Int
            let directory = server.directory + "/full/enforcers"
            let connection = try await server.connect()
            await #expect(throws: TransportError.noSpace(host: "box", directory: directory, needed: try #require(size)))
            {
                _ = try await start(connection, enforcer, server, directory: directory)
            }
            let left = try await (try await connection.exec("ls -A \(directory)")).collect()
            #expect(left.output == [])
        }

        @Test(arguments: ["xz", "xz|gzip"]) func `what the machine has decompresses the file`(
            missing: String
        ) async throws {
            let server = try serverWithSudo()
            try shell(
                "cd \(server.directory)/bin; for f in $(ls /usr/bin | grep -vE '\(missing)'); do [ -e $f ] || ln -s "
                    + "/usr/bin/$f .; done"
            )
            try server.install("sudo", Fake.sudo(server, mode: "free", path: server.directory + "/bin"))
            let enforcer = try server.enforcer("echo hello")
            let run = try await start(try await server.connect(), enforcer, server)
            #expect(try await run.allLines() == ["hello"])
            let form: Compression? = missing == "xz" ? .gzip : nil
            let sent = enforcer.file + (form?.suffix ?? "")
            let size = try #require(try FileManager.default.attributesOfItem(atPath: sent)[.size] as? Int)
            #expect(run.upload == Upload(size: size, compression: form))
        }

        @Test func `two older enforcers are kept`() async throws {
            let server = try serverWithSudo()
            let connection = try await server.connect()
            var hashes: [String] = []
            for number in 1...4 {
                let enforcer = try server.enforcer("echo \(number)", name: "enforcer\(number)")
                hashes.append(enforcer.sha256)
                _ = try await start(connection, enforcer, server).allLines()
                try shell("touch -d '\(10 - number) minutes ago' \(server.target)/\(enforcer.sha256)")
            }
            #expect(Set(try shell("ls \(server.target)").split(separator: "\n").map(String.init)) == Set(hashes[1...]))
        }

        @Test func `an enforcer for the architecture of the machine is asked for`() async throws {
            let server = try serverWithSudo()
            try server.install("uname", "#!/bin/sh\necho ${FAKE_MACHINE:-aarch64}\n")
            let enforcer = try server.enforcer("echo arm")
            let asked = Mutex<[Architecture]>([])
            let connection = try await server.connect()
            let run = try await connection.start(
                enforcer: { architecture in
                    asked.withLock { $0.append(architecture) }
                    return architecture == .aarch64
                        ? enforcer : Enforcer(file: "/nowhere", sha256: String(repeating: "1", count: 64))
                }, arguments: [], become: .sudo, directory: server.target)
            #expect(try await run.allLines() == ["arm"])
            #expect(asked.withLock { $0 } == [.x86_64, .aarch64])

            try server.install("uname", "#!/bin/sh\necho riscv64\n")
            try shell("rm \(server.target)/*")
            await #expect(throws: TransportError.unsupportedArchitecture(host: "box", machine: "riscv64")) {
                _ = try await start(connection, enforcer, server)
            }
        }

        @Test func `the expected architecture is tried first, and the machine decides`() async throws {
            let server = try serverWithSudo()
            try server.install("uname", "#!/bin/sh\necho aarch64\n")
            let enforcer = try server.enforcer("echo arm")
            let nowhere = Enforcer(file: "/nowhere", sha256: String(repeating: "1", count: 64))
            for (expected, asked) in [(Architecture.aarch64, [Architecture.aarch64]), (.x86_64, [.x86_64, .aarch64])] {
                try shell("rm -f \(server.target)/*")
                let seen = Mutex<[Architecture]>([])
                let connection = try await server.connect()
                let run = try await connection.start(
                    enforcer: { architecture in
                        seen.withLock { $0.append(architecture) }
                        return architecture == .aarch64 ? enforcer : nowhere
                    }, expecting: expected, arguments: [], become: .sudo, directory: server.target)
                #expect(try await run.allLines() == ["arm"])
                #expect(run.enforcer == enforcer)
                #expect(seen.withLock { $0 } == asked)
            }
        }

        @Test func `a user who is not root is told so`() async throws {
            let server = try Server()
            let connection = try await server.connect(user: "bea")
            await #expect(throws: TransportError.notRoot(host: "box", user: "bea")) {
                _ = try await start(connection, try server.enforcer("echo no"), server, become: .unneeded)
            }
        }

        @Test func `a noexec mount is reported`() async throws {
            let server = try serverWithSudo()
            // On a noexec file system the mode of the file has no effect.
            try server.install(
                "chmod", "#!/bin/sh\n[ \"$1\" = 0700 ] && [ -f \"$2\" ] && exit 0\nexec /bin/chmod \"$@\"\n")
            let enforcer = try server.enforcer("echo no")
            await #expect(
                throws: TransportError.enforcerNotExecutable(host: "box", path: server.target + "/" + enforcer.sha256)
            ) {
                _ = try await start(try await server.connect(), enforcer, server)
            }
        }
    }
}
