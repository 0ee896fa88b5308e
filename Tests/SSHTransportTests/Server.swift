import Foundation
import PropelTesting

@testable import SSHTransport

/// A real sshd on loopback with its own users, keys and PATH. It runs in a mount namespace, so that `/etc` stays as
/// it is.
///
/// Users: `ada` (uid 0, bash), `bea` (uid 60001, sh); both have the same password.
final class Server: Sendable {
    let directory: String
    let port: Int
    private let sshd: Child

    /// Random, so that it can be searched for among all processes of this computer.
    static let password = "geh heim \(UInt32.random(in: 1_000_000...UInt32.max))"

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - options: lines of sshd_config(5) before all others; DIRECTORY stands for the server's directory.
    ///   - preparation: commands in the directory, run when the host keys are there.
    init(options: String = "", hostKeyTypes: [String] = ["ed25519"], preparation: String = "") throws {
        directory = try shell("mktemp -d /tmp/propel-sshd.XXXXXX")
        try shell(
            """
            cd \(directory); chmod 755 .
            mkdir -p home/ada home/bea bin full target
            types='\(hostKeyTypes.joined(separator: " "))'
            for type in $types; do ssh-keygen -q -t $type -N '' -C host -f host_$type; done
            \(preparation)
            ssh-keygen -q -t ed25519 -N '' -C client -f id
            cp id.pub authorized_keys
            hash=$(perl -e 'print crypt("\(Self.password)", "\\$6\\$saltsalt\\$")')
            cp /etc/passwd passwd; cp /etc/shadow shadow
            grep -q ^sshd: passwd || echo 'sshd:x:60022:60022::/run/sshd:/usr/sbin/nologin' >>passwd
            echo "ada:x:0:0::$PWD/home/ada:/bin/bash" >>passwd
            echo "bea:x:60001:60001::$PWD/home/bea:/bin/sh" >>passwd
            echo "ada:$hash:19000:0:99999:7:::" >>shadow
            echo "bea:$hash:19000:0:99999:7:::" >>shadow
            chown -R 60001 home/bea
            """)
        var started: (Child, Int)?
        for _ in 0..<5 where started == nil {
            started = try Self.start(in: directory, options: options, hostKeyTypes: hostKeyTypes)
        }
        guard let started else {
            throw Failure(
                description: "sshd does not start: "
                    + ((try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""))
        }
        (sshd, port) = started
        try configure("")
        for type in hostKeyTypes { try know(type) }
    }

    deinit {
        sshd.end()
        _ = try? shell("rm -rf \(directory)")
    }

    /// - Returns: `nil` if another process took the port.
    private static func start(in directory: String, options: String, hostKeyTypes: [String]) throws -> (Child, Int)? {
        let port = try freePort()
        try """
        \(options.replacingOccurrences(of: "DIRECTORY", with: directory))
        Port \(port)
        ListenAddress 127.0.0.1
        \(hostKeyTypes.map { "HostKey \(directory)/host_\($0)" }.joined(separator: "\n"))
        AuthorizedKeysFile \(directory)/authorized_keys
        PidFile none
        UsePAM no
        LoginGraceTime 0
        PermitRootLogin yes
        StrictModes no
        PasswordAuthentication yes
        SetEnv PATH=\(directory)/bin:/usr/sbin:/usr/bin:/sbin:/bin
        MaxSessions 20
        """.write(toFile: directory + "/sshd_config", atomically: true, encoding: .utf8)
        let sshd = try Child([
            "unshare", "-m", "sh", "-c",
            """
            cd \(directory) && mount --bind passwd /etc/passwd && mount --bind shadow /etc/shadow \
            && mount -t tmpfs tmpfs /run && mkdir -p /run/sshd && mount -t tmpfs -o size=64k tmpfs full \
            && exec /usr/sbin/sshd -D -e -f sshd_config 2>log
            """,
        ])
        // It exits if another process took the port.
        while sshd.isRunning {
            let log = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
            if log.contains("Server listening on 127.0.0.1 port \(port).") { return (sshd, port) }
            usleep(10_000)
        }
        return nil
    }

    /// Writes the client's configuration; `lines` come first, so they take precedence.
    func configure(_ lines: String) throws {
        try """
        \(lines)
        Host *
          HostName 127.0.0.1
          Port \(port)
          User ada
          IdentityFile \(directory)/id
          IdentityAgent none
          UserKnownHostsFile \(directory)/known_hosts
          GlobalKnownHostsFile none
          HashKnownHosts no
        """.write(toFile: directory + "/config", atomically: true, encoding: .utf8)
    }

    /// Adds the server's key to known_hosts.
    func know(_ type: String, as name: String? = nil, marker: String = "") throws {
        try shell(
            "echo '\(marker) \(name ?? "[127.0.0.1]:\(port)")' $(cut -d' ' -f1,2 \(directory)/host_\(type).pub) "
                + ">>\(directory)/known_hosts"
        )
    }

    func forget() throws { try shell("rm -f \(directory)/known_hosts") }

    func text(_ file: String) throws -> String { try String(contentsOfFile: directory + "/" + file, encoding: .utf8) }

    func destination(
        _ host: String = "box", user: String? = nil, hostKeys: [String] = [], timeout: Duration = .seconds(600)
    ) -> Destination {
        Destination(
            host: host, user: user, hostKeys: hostKeys, connectTimeout: timeout,
            configurationFile: directory + "/config")
    }

    func connect(
        _ prompter: any Prompter = Nobody(), user: String? = nil, timeout: Duration = .seconds(600)
    ) async throws -> Connection {
        try await Connection.connect(to: destination(user: user, timeout: timeout), prompter: prompter)
    }

    /// Puts an executable on the PATH of sessions.
    func install(_ name: String, _ script: String) throws {
        try writeProgram(script, to: directory + "/bin/" + name)
    }

    /// A script in place of the enforcer: says that it is ready, then runs `body`.
    func enforcer(_ body: String, name: String = "enforcer") throws -> Enforcer {
        let file = directory + "/" + name
        try """
        #!/bin/sh
        ARGUMENTS="$*"
        while [ $# -gt 0 ]; do if [ "$1" = --mark ]; then TOKEN=$2; fi; shift; done
        echo "propel:$TOKEN:ready"
        \(body)
        """.write(toFile: file, atomically: true, encoding: .utf8)
        return Enforcer(file: file, sha256: try shell("sha256sum \(file) | cut -d' ' -f1"))
    }

    /// The directory of the enforcers.
    var target: String { directory + "/target/enforcers" }
}

/// A socket that has a port of 127.0.0.1, and accepts nothing.
final class Listener: Sendable {
    let descriptor: Int32
    let port: Int

    /// - Parameter refuses: whether connections are refused, instead of waiting to be accepted.
    init(_ address: String = "127.0.0.1", port: Int = 0, refuses: Bool = false) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        var name = ipv4(address, port: port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = bind(descriptor, $0, length) }
        }
        if !refuses { listen(descriptor, 8) }
        var bound = sockaddr_in()
        var boundLength = length
        withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &boundLength) }
        }
        self.port = Int(UInt16(bigEndian: bound.sin_port))
    }

    deinit { close(descriptor) }
}

func ipv4(_ address: String, port: Int) -> sockaddr_in {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = UInt16(port).bigEndian
    name.sin_addr.s_addr = inet_addr(address)
    return name
}

func freePort() throws -> Int { Listener().port }

extension RemoteRun {
    /// The lines of the run, until its end.
    func allLines() async throws -> [String] {
        var all: [String] = []
        for try await line in lines { all.append(line) }
        return all
    }
}
