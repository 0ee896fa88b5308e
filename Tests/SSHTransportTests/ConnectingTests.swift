import Foundation
import Synchronization
import Testing

@testable import SSHTransport

/// Tests that start an sshd run one after the other: together they would keep two cores busy.
@Suite(.serialized) struct WithServer {}

extension WithServer {
    @Suite struct Connecting {
        @Test func `a command runs`() async throws {
            let server = try Server()
            let connection = try await server.connect()
            let result = try await (try await connection.exec("echo out; echo err >&2; exit 7")).collect()
            #expect(String(decoding: result.output, as: UTF8.self) == "out\n")
            #expect(String(decoding: result.error, as: UTF8.self) == "err\n")
            #expect(result.status == .exited(7))
            #expect(connection.warnings == [])
            await connection.close()
            await #expect(throws: TransportError.linkLost(host: "box", reason: "the connection is closed")) {
                _ = try await connection.exec("true")
            }
        }

        @Test func `the signal that killed a command is reported`() async throws {
            let server = try Server()
            let connection = try await server.connect()
            let channel = try await connection.exec("kill -KILL $$")
            #expect(try await channel.collect().status == .signalled("KILL"))
        }

        @Test func `bytes flow in both directions at the same time`() async throws {
            let server = try Server()
            let connection = try await server.connect()
            let channel = try await connection.exec("cat")
            let size = 30 << 20
            let block = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            let writer = Task {
                for _ in 0..<30 { try await channel.write(block) }
                try await channel.finishWriting()
            }
            var received = 0
            var isSame = true
            while let piece = try await channel.next() {
                guard case .standardOutput(let bytes) = piece else { continue }
                for byte in bytes {
                    isSame = isSame && byte == block[received & (1 << 20 - 1)]
                    received += 1
                }
            }
            try await writer.value
            #expect(received == size)
            #expect(isSame)
            #expect(try await channel.exitStatus() == .exited(0))
        }

        @Test func `a late reader gets all output`() async throws {
            let server = try Server()
            let connection = try await server.connect()
            let late = try await connection.exec("head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2; echo end")
            // Others are not held up by it.
            for _ in 0..<10 { #expect(try await (try await connection.exec("true")).collect().status == .exited(0)) }
            let result = try await late.collect()
            #expect(result.output.count == 20_000_004)
            #expect(result.error.count == 20_000_000)
            #expect(result.output.suffix(4) == Array("end\n".utf8)[...])
        }

        @Test func `many channels run at the same time`() async throws {
            let server = try Server()
            let connection = try await server.connect()
            // Again and again: threads that meet in one session are seldom caught at the first time.
            for _ in 0..<30 {
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<10 {
                        group.addTask {
                            let result = try await (try await connection.exec("echo \(number)")).collect()
                            return result.output == Array("\(number)\n".utf8)
                        }
                    }
                    for try await isRight in group { #expect(isRight) }
                }
            }
        }

        @Test func `writing to a command that has exited is an error`() async throws {
            let server = try Server()
            let connection = try await server.connect()
            let channel = try await connection.exec("true")
            _ = try await channel.collect()
            await #expect(throws: TransportError.channelClosed(host: "box")) { try await channel.write([1]) }
        }

        @Test func `a killed server is a lost link`() async throws {
            let server = try Server()
            let connection = try await server.connect()
            // The parent of the shell is the sshd of this session.
            let channel = try await connection.exec("echo hello; read line; kill -KILL $PPID; cat")
            #expect(try await channel.next() == .standardOutput(Array("hello\n".utf8)))
            try await channel.write(Array("\n".utf8))
            do {
                while try await channel.next() != nil {}
                Issue.record("the end of the link passed for the end of the command")
            } catch let TransportError.linkLost(host, _) {
                #expect(host == "box")
            }
        }

        @Test func `cancel ends pending calls`() async throws {
            let server = try Server()
            let connection = try await server.connect()
            let channel = try await connection.exec("echo started; cat")
            _ = try await channel.next()
            let waiting = Task { try await channel.next() }
            connection.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        }

        @Test func `cancelling a task ends its own wait only`() async throws {
            let server = try Server()
            let connection = try await server.connect()
            let channel = try await connection.exec("cat")
            let waiting = Task { try await channel.next() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiting.value }
            #expect(try await (try await connection.exec("true")).collect().status == .exited(0))
        }

        @Test func `a prepared connection uses what was prepared`() async throws {
            let server = try Server()
            let destination = server.destination(), preparation = ConnectionPreparation(for: destination)
            let connection = try await Connection.connect(
                to: destination, preparation: preparation, prompter: Nobody())
            #expect(try await (try await connection.exec("true")).collect().status == .exited(0))
            #expect(try await preparation.configuration(for: destination) == nil)
        }

        @Test func `every address is tried`() async throws {
            let server = try Server()
            let silent = Listener(), closed = Listener("0.0.0.0", refuses: true)
            let resolver = FixedResolver(list: [
                ("127.0.0.2", closed.port), ("127.0.0.1", silent.port), ("127.0.0.1", server.port),
            ])
            let connection = try await Connection.connect(
                to: server.destination(timeout: .seconds(8)), prompter: Nobody(), resolver: resolver)
            #expect(try await (try await connection.exec("true")).collect().status == .exited(0))
        }

        @Test func `every address that refused is named`() async throws {
            let server = try Server()
            let closed = Listener("0.0.0.0", refuses: true), port = closed.port
            let resolver = FixedResolver(list: [("127.0.0.2", port), ("127.0.0.3", port)])
            let expected = TransportError.unreachable(
                host: "box",
                attempts: ["127.0.0.2", "127.0.0.3"].map {
                    ConnectionAttempt(address: "\($0):\(port)", reason: "Connection refused")
                })
            await #expect(throws: expected) {
                _ = try await Connection.connect(to: server.destination(), prompter: Nobody(), resolver: resolver)
            }
            #expect(expected.isUnreachable)
        }

        @Test func `a silent server times out`() async throws {
            let server = try Server()
            let silent = Listener()
            try server.configure("Port \(silent.port)")
            await #expect(
                throws: TransportError.timedOut(
                    host: "box", during: "waiting for its SSH server to answer", after: .seconds(1))
            ) {
                _ = try await server.connect(timeout: .seconds(1))
            }
        }

        @Test func `connecting can be cancelled`() async throws {
            let server = try Server()
            let silent = Listener()
            try server.configure("Port \(silent.port)")
            let connecting = Task { try await server.connect(timeout: .seconds(3600)) }
            usleep(100_000)
            connecting.cancel()
            await #expect(throws: CancellationError.self) { _ = try await connecting.value }
        }

        @Test func `a name that does not resolve is reported`() async throws {
            let server = try Server()
            try server.configure("HostName nowhere.invalid")
            do {
                _ = try await server.connect()
                Issue.record("connected to nowhere")
            } catch let TransportError.nameNotFound(host, _) {
                #expect(host == "box")
            }
        }

        @Test func `a server that does not speak SSH is reported`() async throws {
            let server = try Server()
            let web = Listener()
            let answer = Thread {
                let client = accept(web.descriptor, nil, nil)
                _ = write(client, "HTTP/1.1 400 Bad Request\r\n\r\n", 28)
                close(client)
            }
            answer.start()
            try server.configure("Port \(web.port)")
            do {
                _ = try await server.connect()
                Issue.record("took a web server for an SSH server")
            } catch let TransportError.handshakeFailed(host, _) {
                #expect(host == "box")
            }
        }

        /// The number of a closed descriptor may already belong to another file.
        @Test func `a failed connection closes only its own descriptors`() async throws {
            let server = try Server()
            let rude = Listener()
            let rounds = 60
            Thread {
                for _ in 0..<rounds { close(accept(rude.descriptor, nil, nil)) }
            }.start()
            let lost = Mutex(0), isOver = Mutex(false), ended = Mutex(false)
            // Takes each number that becomes free, and holds it for a while.
            Thread {
                var held: [(number: Int32, inode: UInt)] = []
                func inode(_ number: Int32) -> UInt? {
                    var status = stat()
                    return fstat(number, &status) == 0 ? UInt(status.st_ino) : nil
                }
                while !isOver.withLock({ $0 }) {
                    // Each socket has its own inode.
                    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
                    held.append((number, inode(number) ?? 0))
                    if held.count > 40 {
                        let (number, known) = held.removeFirst()
                        if inode(number) == known { close(number) } else { lost.withLock { $0 += 1 } }
                    }
                }
                for (number, known) in held {
                    if inode(number) == known { close(number) } else { lost.withLock { $0 += 1 } }
                }
                ended.withLock { $0 = true }
            }.start()
            try server.configure("Port \(rude.port)")
            for _ in 0..<rounds { await #expect(throws: TransportError.self) { _ = try await server.connect() } }
            isOver.withLock { $0 = true }
            while !ended.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
            #expect(lost.withLock { $0 } == 0)
        }

        @Test func `a proxy command is used`() async throws {
            let server = try Server()
            // It gets the tokens, and its error output is ignored.
            try server.configure(
                "ProxyCommand sh -c 'echo via %h %p as %r >&2; exec python3 \(server.directory)/relay.py 127.0.0.1 "
                    + "\(server.port)'\nHostName 192.0.2.1\nPort 2222"
            )
            try """
            import os, select, socket, sys
            s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
            while True:
                for f in select.select([0, s], [], [])[0]:
                    d = os.read(0, 65536) if f == 0 else s.recv(65536)
                    if not d: sys.exit()
                    s.sendall(d) if f == 0 else os.write(1, d)
            """.write(toFile: server.directory + "/relay.py", atomically: true, encoding: .utf8)
            try server.know("ed25519", as: "[192.0.2.1]:2222")
            let connection = try await server.connect()
            #expect(try await (try await connection.exec("exit 3")).collect().status == .exited(3))
        }

        @Test func `the error output of a proxy command is reported`() async throws {
            let server = try Server()
            try server.configure("ProxyCommand echo no such door at %h >&2; exit 1")
            do {
                _ = try await server.connect()
                Issue.record("connected through nothing")
            } catch let TransportError.proxyFailed(_, command, output) {
                #expect(command == "echo no such door at 127.0.0.1 >&2; exit 1")
                #expect(output.contains("no such door at 127.0.0.1"))
            }
        }

        @Test func `a jump host is used`() async throws {
            let server = try Server()
            let bastion = try Server()
            try bastion.know("ed25519")
            try shell(
                "cat \(server.directory)/known_hosts >>\(bastion.directory)/known_hosts; cat "
                    + "\(bastion.directory)/id.pub >>\(server.directory)/authorized_keys"
            )
            try bastion.configure("Host inner\n  Port \(server.port)\n  ProxyJump bastion")
            let connection = try await Connection.connect(to: bastion.destination("inner"), prompter: Nobody())
            let result = try await (try await connection.exec("echo $SSH_CONNECTION")).collect()
            #expect(String(decoding: result.output, as: UTF8.self).hasSuffix(" \(server.port)\n"))
        }
    }
}
