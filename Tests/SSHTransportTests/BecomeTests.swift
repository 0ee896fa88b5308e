import Vocabulary
import Foundation
import Testing

@testable import SSHTransport

/// Stand-ins for sudo and doas with the same dialogue. ada is root already, so they need not change the user.
enum Fake {
    /// Installs both.
    /// - Parameter mode: `free`, `password`, or `refused`.
    static func install(on server: Server, mode: String) throws {
        try server.install("sudo", sudo(server, mode: mode))
        try server.install("doas", doas(mode: mode))
    }

    static func sudo(_ server: Server, mode: String, path: String? = nil) -> String {
        """
        #!/bin/sh
        \(path.map { "PATH=\($0)" } ?? ":")
        while :; do case $1 in -S) shift;; -p) P=$2; shift 2;; --) shift; break;; *) break;; esac; done
        [ \(mode) = free ] && exec "$@"
        echo 'We trust you have received the usual lecture.' >&2
        for try in 1 2 3; do
            printf '%s' "$P" >&2
            IFS= read -r password || { echo 'sudo: no password was provided' >&2; exit 1; }
            if [ "$password" = '\(Server.password)' ]; then
                [ \(mode) = refused ] && { echo 'ada is not in the sudoers file.' >&2; exit 1; }
                exec "$@"
            fi
            echo 'Sorry, try again.' >&2
        done
        echo 'sudo: 3 incorrect password attempts' >&2
        exit 1
        """
    }

    static func doas(mode: String) -> String {
        """
        #!/bin/sh
        if [ \(mode) = refused ]; then echo 'doas: Operation not permitted' >&2; exit 1; fi
        if [ "$1" = -n ]; then
            shift
            [ \(mode) = free ] && exec "$@"
            echo 'doas: Authorization required' >&2; exit 1
        fi
        [ -t 0 ] || exit 99
        stty -echo </dev/tty
        printf '\\rdoas (ada@box) password: ' >/dev/tty
        IFS= read -r password </dev/tty
        stty echo </dev/tty
        echo >/dev/tty
        [ "$password" = '\(Server.password)' ] || { echo 'doas: Authentication failed' >&2; exit 1; }
        exec "$@"
        """
    }
}

extension WithServer {
    @Suite struct BecomingRoot {
        private func start(
            _ connection: Connection, _ enforcer: Enforcer, _ server: Server, become: Become
        ) async throws -> RemoteRun {
            try await connection.start(
                enforcer: { _ in enforcer }, arguments: [], become: become, directory: server.target)
        }

        private func text(_ run: RemoteRun) async throws -> [String] {
            var lines: [String] = []
            for try await line in run.lines { lines.append(line) }
            return lines
        }

        @Test(arguments: [Become.sudo, .doas]) func `the password is asked for once`(become: Become) async throws {
            let server = try Server()
            try Fake.install(on: server, mode: "password")
            // No process has the password in its environment or arguments.
            let enforcer = try server.enforcer(
                "cat /proc/[0-9]*/cmdline /proc/$$/environ | tr '\\0' '\\n' | grep -c "
                    + "'[g]\(Server.password.dropFirst())'; echo oops >&2; read -r line; echo \"$line\"; exit 4"
            )
            let person = Person(passwords: [Server.password])
            let connection = try await server.connect(person)
            let run = try await start(connection, enforcer, server, become: become)
            try await run.send("{\"first\": \"line\"}")
            #expect(try await text(run) == ["0", "{\"first\": \"line\"}"])
            #expect(try await run.exitStatus() == .exited(4))
            #expect(await run.errorOutput.hasSuffix("oops\n"))
            #expect(person.asked == ["Password of ada@box for \(become): "])
            let again = try await start(connection, enforcer, server, become: become)
            try await again.send("x")
            #expect(try await text(again) == ["0", "x"])
            #expect(person.asked.count == 1)
        }

        @Test(arguments: [Become.sudo, .doas]) func `no password is asked for if none is needed`(
            become: Become
        ) async throws {
            let server = try Server()
            try Fake.install(on: server, mode: "free")
            let enforcer = try server.enforcer("read -r line; echo \"$line\"")
            let run = try await start(try await server.connect(Nobody()), enforcer, server, become: become)
            try await run.send("first")
            #expect(try await text(run) == ["first"])
        }

        @Test(arguments: [Become.sudo, .doas]) func `a wrong password is asked for again`(become: Become) async throws {
            let server = try Server()
            try Fake.install(on: server, mode: "password")
            let enforcer = try server.enforcer("echo in")
            let person = Person(passwords: ["wrong", Server.password])
            let run = try await start(try await server.connect(person), enforcer, server, become: become)
            #expect(try await text(run) == ["in"])
            #expect(person.asked == ["", "Wrong password. "].map { "\($0)Password of ada@box for \(become): " })
        }

        @Test(arguments: [Become.sudo, .doas]) func `the third wrong password ends the attempt`(
            become: Become
        ) async throws {
            let server = try Server()
            try Fake.install(on: server, mode: "password")
            let person = Person(passwords: ["a", "b", "c", "d"])
            let connection = try await server.connect(person)
            await #expect(throws: TransportError.wrongPassword(host: "box", user: "ada", command: become)) {
                _ = try await start(connection, try server.enforcer("echo in"), server, become: become)
            }
            #expect(person.asked.count == 3)
        }

        @Test(arguments: [Become.sudo, .doas]) func `a user who may not become root is told which line to add`(
            become: Become
        ) async throws {
            let server = try Server()
            try Fake.install(on: server, mode: "refused")
            let connection = try await server.connect(Person(passwords: [Server.password]))
            let expected = TransportError.becomeRefused(host: "box", user: "ada", command: become)
            await #expect(throws: expected) {
                _ = try await start(connection, try server.enforcer("echo in"), server, become: become)
            }
            #expect(expected.remedy.contains(become == .sudo ? "ada ALL=(root) ALL" : "permit persist ada as root"))
        }

        @Test(arguments: [Become.sudo, .doas]) func `a missing program is reported`(become: Become) async throws {
            let server = try Server()
            // A PATH where there is neither, whatever this machine has.
            try shell("cd \(server.directory)/bin; for f in env sh id uname; do ln -s $(command -v $f) .; done")
            try "PATH=\(server.directory)/bin\n".write(
                toFile: server.directory + "/home/ada/.bashrc", atomically: true, encoding: .utf8)
            let connection = try await server.connect()
            await #expect(throws: TransportError.becomeMissing(host: "box", command: become)) {
                _ = try await start(connection, try server.enforcer("echo in"), server, become: become)
            }
        }
    }
}
