import Foundation
import Propel
import Testing

/// A build on another machine, over a link that drops. The machine is a sandbox that reports another architecture,
/// and its compiler is a script.
@Suite struct BuildHostTests {
    @Test(.machine()) func `a build host builds once and is found again after a lost link`() async throws {
        let machine = try TestMachine.current
        let host = BuildHost(machine)
        defer { host.removeTraces() }
        try machine.describeAsBuildHost()
        let stranger = try await host.build()
        #expect(stranger.status == 1, "\(stranger)")
        #expect(
            stranger.errors.contains("is the build host for aarch64 in hosts.conf, but its architecture is x86_64"),
            "\(stranger)")

        try await host.pretend()
        try await machine.ssh("touch /tmp/broken /tmp/go")
        let broken = try await host.build()
        #expect(broken.status == 1, "\(broken)")
        #expect(broken.errors.contains("error: no such module"), "\(broken)")
        #expect(broken.errors.contains("swift build exited with status 1"), "\(broken)")
        try await machine.ssh("rm /tmp/broken /tmp/go /tmp/building")

        // The link is cut while it builds, and the one build goes on.
        async let answer = host.build()
        try await eventually("it builds") {
            try await machine.ssh("test -e /tmp/building && echo yes || true") == "yes"
        }
        _ = try? await machine.ssh("pkill -KILL -f 'sshd: root@notty'")
        try await machine.ssh("touch /tmp/go")
        let built = try await answer
        #expect(built.status == 0, "\(built)")
        #expect(built.errors.contains("where the build continues"), "\(built)")
        #expect(built.errors.contains("connected to \(machine.name) again"), "\(built)")
        #expect(try await machine.ssh("wc -l < /tmp/builds") == "2", "one has failed, and one was found again")
        let file = built.output.trimmingCharacters(in: .newlines)
        #expect(try await host.hash(of: file) == machine.ssh("sha256sum < /tmp/result | cut -c 1-64"))

        let again = try await host.build()
        #expect(again.output == built.output)
        #expect(!again.errors.contains(machine.name), "a result that is kept needs nobody: \(again)")

        // Only what is missing or not the same is sent; what does not belong there is taken away.
        try await machine.ssh(
            "cd ~/.cache/propel/builds/*/tree && echo >> Package.swift && rm Sources/Hosts/Pi.swift && touch "
                + "Sources/Hosts/Extra.swift"
        )
        let forced = try await host.build("--force")
        #expect(forced.status == 0, "\(forced)")
        #expect(forced.errors.contains("sending 2 of "), "\(forced)")
        #expect(try await machine.ssh("wc -l < /tmp/builds") == "3")
        #expect(
            try await machine.ssh(
                "ls ~/.cache/propel/builds/*/tree/Sources/Hosts/Extra.swift 2> /dev/null || echo gone") == "gone")
    }

    @Test(.machine()) func `Ctrl-C ends the wait for a build, and an interrupted download continues`() async throws {
        let machine = try TestMachine.current
        let host = BuildHost(machine)
        defer { host.removeTraces() }
        try await host.pretend()
        // It is its own build host, and nobody knows before it is asked for a program.
        try await machine.ssh("rm /var/lib/propel/enforcers/*")
        try machine.describeAsBuildHost()
        let stopped = try machine.configuration.propelAtTerminal("plan", machine.name)
        try await eventually("it builds") {
            try await machine.ssh("test -e /tmp/building && echo yes || true") == "yes"
        }
        stopped.typeControlC()
        try await stopped.expect("Stopping")
        let interrupted = try await stopped.end()
        #expect(interrupted.status == 130, "\(interrupted)")
        #expect(
            try await machine.ssh("ls ~/.cache/propel/builds/*/builds/*/status 2> /dev/null || echo going")
                == "going")

        // Half of it is sent, and nothing more while there is a file `hold`.
        try await machine.ssh(
            """
            touch /tmp/go /tmp/hold
            cat > /usr/local/bin/tail <<'SCRIPT'
            #!/bin/sh
            [ "$1" = -c ] || exec /usr/bin/tail "$@"
            echo "$2" >> /tmp/offsets
            [ -e /tmp/hold ] || exec /usr/bin/tail "$@"
            /usr/bin/tail "$@" | head -c 2000000
            while [ -e /tmp/hold ]; do sleep 0.1; done
            SCRIPT
            chmod 0755 /usr/local/bin/tail
            """)
        async let answer = host.build()
        try await eventually("some of it has arrived") { host.partialSize > 0 }
        try await machine.ssh("rm /tmp/hold")
        _ = try? await machine.ssh("pkill -KILL -f 'sshd: root@notty'")
        let built = try await answer
        #expect(built.status == 0, "\(built)")
        #expect(try await machine.ssh("wc -l < /tmp/builds") == "1", "the one that was begun before Ctrl-C")
        let offsets = try await machine.ssh("cat /tmp/offsets").split(separator: "\n").compactMap { Int($0) }
        // From the start once, and then from the middle, however often the link drops.
        #expect(
            offsets.count >= 2 && offsets.first == 1 && offsets.dropFirst().allSatisfy { $0 > 1 }, "\(offsets)")
        #expect(
            try await host.hash(of: built.output.trimmingCharacters(in: .newlines))
                == machine.ssh("sha256sum < /tmp/result | cut -c 1-64"))
    }
}

/// A sandbox that reports another architecture.
private struct BuildHost {
    let machine: TestMachine

    init(_ machine: TestMachine) { self.machine = machine }

    func build(_ options: String...) async throws -> Answer {
        try await machine.configuration.propel(["enforcer", "build", "--architecture", "aarch64"] + options)
    }

    /// Makes it report another architecture, with a compiler whose result is the local program with that
    /// architecture's ELF number.
    func pretend() async throws {
        let plan = try await machine.configuration.propel("plan", machine.name)
        #expect(plan.status == 2, "\(plan)")
        let compiler = """
            #!/bin/sh
            [ "$1" = build ] || { echo "Swift version 6.3.1"; exit 0; }
            echo build >> /tmp/builds
            while [ "$#" -gt 0 ]; do [ "$1" != --scratch-path ] || scratch=$2; shift; done
            test -d Sources/Hosts && test -d Propel/Sources/Propel || exit 2
            touch /tmp/building
            tries=0; until [ -e /tmp/go ] || [ $tries -ge 1000 ]; do sleep 0.1; tries=$((tries + 1)); done
            [ ! -e /tmp/broken ] || { echo "error: no such module"; exit 1; }
            mkdir -p "$scratch/release" && cp /tmp/result "$scratch/release/propel-enforce"
            """
        try await machine.ssh(
            """
            cp /var/lib/propel/enforcers/* /tmp/result && printf '\\267\\000' | dd of=/tmp/result bs=1 seek=18 \
            conv=notrunc status=none
            printf '#!/bin/sh\\necho aarch64\\n' > /usr/local/bin/uname
            cat > /usr/local/bin/swift <<'SCRIPT'
            \(compiler)
            SCRIPT
            chmod 0755 /usr/local/bin/uname /usr/local/bin/swift
            """)
    }

    /// The number of bytes of an incomplete result that have arrived.
    var partialSize: Int {
        let folder = Configuration.fleet.appending(path: ".build/host-\(machine.name)")
        let files =
            (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.fileSizeKey])) ?? []
        return files.filter { $0.pathExtension == "gz" }.compactMap {
            try? $0.resourceValues(forKeys: [.fileSizeKey]).fileSize
        }.reduce(0, +)
    }

    func hash(of file: String) async throws -> String {
        let printed = try await Configuration.run("sha256sum", [file])
        return String(printed.prefix(64))
    }

    /// The results are in the shared build folder.
    func removeTraces() {
        let build = Configuration.fleet.appending(path: ".build")
        try? FileManager.default.removeItem(at: build.appending(path: "host-\(machine.name)"))
        let processor = build.appending(path: "enforcers/aarch64")
        for sources in (try? FileManager.default.contentsOfDirectory(at: processor, includingPropertiesForKeys: nil))
            ?? []
        {
            try? FileManager.default.removeItem(at: sources.appending(path: "host-\(machine.name)"))
        }
    }
}

extension TestMachine {
    fileprivate func describeAsBuildHost() throws {
        try configuration.write(
            hosts: """
                [fleet]
                build-hosts = { aarch64 = "\(name)" }

                [\(name)]
                role = "demo"
                sandbox = true

                """)
    }
}
