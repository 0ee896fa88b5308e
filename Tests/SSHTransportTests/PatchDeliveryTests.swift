import Foundation
import Synchronization
import Testing

@testable import SSHTransport

extension Compression {
    /// What this computer uses, and with it the server on it.
    static var best: Compression { allCases.first { $0.isHere } ?? .gzip }
}

extension WithServer {
    /// A changed enforcer, of which the machine has an earlier one.
    @Suite struct PatchDelivery {
        /// Applies a patch as `Patch.apply` does, written independently of it.
        private static let reference = #"""
            use strict; binmode STDIN; binmode STDOUT; local $/;
            open my $file, "<:raw", $ARGV[0] or die; my $base = <$file>; my $patch = <STDIN>; my $place = 8;
            sub byte { die "cut off\n" if $place >= length $patch; return ord substr $patch, $place++, 1 }
            sub number {
                my ($value, $shift) = (0, 0);
                while (1) { my $byte = byte(); $value |= ($byte & 127) << $shift; return $value if $byte < 128;
                    $shift += 7 }
            }
            die "no patch\n" unless substr($patch, 0, 8) eq "PROPELP1" && number() == length $base;
            my $size = number(); my $new = "";
            while (length $new < $size) {
                my ($offset, $similar, $added) = (number(), number(), number());
                my $part = substr $base, $offset, $similar; my $done = 0;
                while ($done < $similar) {
                    $done += number();
                    for (my $count = number(); $count > 0; $count--) {
                        substr($part, $done, 1) = chr((ord(substr $part, $done, 1) + byte()) & 255); $done++;
                    }
                }
                $new .= $part . substr $patch, $place, $added; $place += $added;
            }
            print $new;
            """#

        /// A script of 30 kB in place of the enforcer, which prints a word.
        /// - Parameter patch: the command for the argument `patch`; the reference if it is nil.
        private func enforcer(_ word: String, _ server: Server, patch: String? = nil) throws -> Enforcer {
            let program = server.directory + "/apply.pl"
            try Self.reference.write(toFile: program, atomically: true, encoding: .utf8)
            var generator = Generator(seed: 1)
            // What nothing compresses to a quarter, with a difference in every line.
            let rest = (0..<600).map { _ in
                let parts = (0..<4).map { _ in String(generator.next(), radix: 36) }
                return "\(parts[0])\(parts[1])\(word.prefix(1))\(parts[2])\(parts[3])"
            }
            let file = server.directory + "/" + word
            try """
            #!/bin/sh
            if [ "$1" = patch ]; then \(patch ?? "exec perl \(program) \"$0\""); exit; fi
            for last; do :; done
            echo "propel:$last:ready"; echo \(word); exit
            \(rest.joined(separator: "\n"))
            """.write(toFile: file, atomically: true, encoding: .utf8)
            return Enforcer(file: file, sha256: try shell("sha256sum \(file) | cut -d' ' -f1"))
        }

        /// Starts one enforcer after the other.
        /// - Returns: what was sent of the second.
        private func replace(
            _ first: Enforcer, by second: Enforcer, on server: Server, copy: String? = nil,
            damage: String = ":", between: () async throws -> Void = {},
            progress: @Sendable (UploadProgress) -> Void = { _ in }
        ) async throws -> Upload? {
            let connection = try await server.connect()
            let old = try await connection.start(
                enforcer: { _ in first }, arguments: [], become: .unneeded, directory: server.target)
            #expect(try await old.allLines() == [URL(filePath: first.file).lastPathComponent])
            #expect(old.upload?.base == nil)
            try shell("cd \(server.target); \(damage)")
            try await between()
            let new = try await connection.start(
                enforcer: { _ in second }, arguments: [], become: .unneeded, directory: server.target,
                earlier: { $0 == first.sha256 ? copy ?? first.file : nil }, progress: progress)
            #expect(try await new.allLines() == [URL(filePath: second.file).lastPathComponent])
            try shell("cmp \(second.file) \(server.target)/\(second.sha256)")
            #expect(try shell("ls -A \(server.target) | grep -cvxE '[0-9a-f]{64}' || :") == "0", "no temporary file")
            return new.upload
        }

        @Test func `the difference is sent, and the machine makes the same file of it`() async throws {
            let server = try Server()
            let first = try enforcer("first", server), second = try enforcer("second", server)
            let upload = try #require(try await replace(first, by: second, on: server))
            #expect(upload.base == first.sha256)
            #expect(upload.compression == .best)
            let size = try #require(try FileManager.default.attributesOfItem(atPath: second.file)[.size] as? Int)
            #expect(upload.size < size / 8)
        }

        /// It fails, makes something else, is an older program, is ended, or does not read what it is sent.
        @Test(arguments: ["exit 1", "cat", "cat >/dev/null", "echo usage >&2; exit 64", "kill -KILL $$", "echo other"])
        func `the whole follows a difference that the machine does not apply`(_ command: String) async throws {
            let server = try Server()
            let first = try enforcer("first", server, patch: command), second = try enforcer("second", server)
            let upload = try #require(try await replace(first, by: second, on: server))
            #expect(upload.base == nil && upload.compression == .best)
        }

        @Test func `the whole follows if either copy of the earlier one is damaged or gone`() async throws {
            let change = "printf '#' | dd of=$f seek=20000 bs=1 conv=notrunc status=none"
            for damage in ["echo more >>$f", change].map({ "for f in *; do \($0); done" }) {
                let server = try Server()
                let first = try enforcer("first", server), second = try enforcer("second", server)
                let upload = try await replace(first, by: second, on: server, damage: damage)
                #expect(upload?.base == nil, "\(damage)")
            }
            for earlier in ["echo other >$f", "rm $f"] {
                let server = try Server()
                let first = try enforcer("first", server), second = try enforcer("second", server)
                let copy = server.directory + "/copy"
                try shell("f=\(copy); cp \(first.file) $f; \(earlier)")
                let upload = try await replace(first, by: second, on: server, copy: copy)
                #expect(upload?.base == nil, "\(earlier)")
            }
        }

        /// Also if the machine has more of a whole one.
        @Test func `a difference that was cut goes on where it stopped`() async throws {
            let server = try Server()
            let first = try enforcer("first", server), second = try enforcer("second", server)
            let payload = try await Payloads.shared.patch(first, second, .best)
            let whole = try await Payloads.shared.whole(second, .best, remake: false)
            let half = payload.data.count / 2
            let steps = Mutex<[Int]>([])
            let upload = try await replace(
                first, by: second, on: server,
                between: {
                    try await server.cutUpload(of: second, whole, after: 2 * half)
                    try await server.cutUpload(of: second, payload, after: half)
                },
                progress: { step in steps.withLock { $0.append(step.sent) } })
            #expect(upload == Upload(size: payload.data.count, compression: .best, base: first.sha256))
            #expect(steps.withLock { $0 } == [half, payload.data.count])
        }

        @Test func `the whole follows a damaged part of a difference`() async throws {
            let server = try Server()
            let first = try enforcer("first", server), second = try enforcer("second", server)
            let payload = try await Payloads.shared.patch(first, second, .best)
            let steps = Mutex<[Int]>([])
            let upload = try await replace(
                first, by: second, on: server, damage: "head -c 20 /dev/zero >\(payload.part(of: second))",
                progress: { step in steps.withLock { $0.append(step.sent) } })
            let whole = try #require(upload)
            #expect(whole.base == nil)
            #expect(steps.withLock { $0 } == [20, payload.data.count, 0, whole.size])
        }

        @Test func `a machine where no file has its hash is sent the difference, and the whole twice`() async throws {
            let server = try Server()
            let first = try enforcer("first", server), second = try enforcer("second", server)
            let connection = try await server.connect()
            let old = try await connection.start(
                enforcer: { _ in first }, arguments: [], become: .unneeded, directory: server.target)
            #expect(try await old.allLines() == ["first"])
            try server.install("sha256sum", "#!/bin/sh\necho 0\n")
            let beginnings = Mutex(0)
            do {
                _ = try await connection.start(
                    enforcer: { _ in second }, arguments: [], become: .unneeded, directory: server.target,
                    earlier: { $0 == first.sha256 ? first.file : nil },
                    progress: { step in if step.sent == 0 { beginnings.withLock { $0 += 1 } } })
                Issue.record("a file with a wrong hash was run")
            } catch TransportError.uploadFailed {}
            #expect(beginnings.withLock { $0 } == 3)
            #expect(try shell("ls -A \(server.target)") == first.sha256)
        }

        @Test func `an enforcer that has little in common with the earlier one is sent as a whole`() async throws {
            let server = try Server()
            let first = try server.enforcer("echo enforcer", name: "enforcer"), second = try enforcer("second", server)
            #expect(try await replace(first, by: second, on: server)?.base == nil)
        }

        @Test func `a machine that claims one architecture after the other is refused`() async throws {
            let server = try Server()
            let asked = server.directory + "/asked"
            try server.install(
                "uname",
                """
                #!/bin/sh
                if [ -e \(asked) ]; then rm \(asked); echo x86_64; else touch \(asked); echo aarch64; fi
                """)
            let program = try enforcer("first", server)
            let connection = try await server.connect()
            let requests = Mutex(0)
            await #expect(throws: TransportError.self) {
                _ = try await connection.start(
                    enforcer: { _ in
                        requests.withLock { $0 += 1 }
                        return program
                    }, arguments: [], become: .unneeded, directory: server.target)
            }
            #expect(requests.withLock { $0 } == 2)
        }
    }
}
