import Vocabulary
import Foundation
import Sandbox
import Subprocess
import Testing

/// Sandboxes on this computer. Needs root, and boots real machines.
@Suite(.serialized)
struct SandboxTests {
    @Test(.sandbox()) func `a sandbox boots and is found again`() async throws {
        let sandbox = try Sandbox.current
        #expect(try await sandbox.ssh("uname -n") == sandbox.name)
        #expect(try await sandbox.ssh("cat /etc/os-release").contains("bookworm"))
        #expect(try await sandbox.ssh("id -un; systemctl is-active ssh") == "root\nactive")
        #expect(try await sandbox.ssh("cat /etc/ssh/ssh_host_ed25519_key.pub").hasPrefix(sandbox.hostKey))
        // Found, not booted again.
        let bootID = try await sandbox.bootID()
        #expect(try await Sandbox.up(sandbox.name) == sandbox)
        #expect(try await Sandbox.up(sandbox.name, suite: .bookworm) == sandbox)
        #expect(Sandbox.running(sandbox.name) == sandbox)
        #expect(try await sandbox.bootID() == bootID)
        #expect(try Sandbox.list().contains { $0.sandbox == sandbox && $0.state == .running })
        await #expect(throws: SandboxError.otherSuite(sandbox.name, is: .bookworm, wanted: .trixie)) {
            try await Sandbox.up(sandbox.name, suite: .trixie)
        }
    }

    @Test(.sandbox()) func `its keys are readable by root only`() async throws {
        let sandbox = try Sandbox.current
        for path in [sandbox.identityFile, (sandbox.identityFile as NSString).deletingLastPathComponent] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let permissions = try #require(attributes[.posixPermissions] as? Int)
            #expect(permissions & 0o077 == 0, "\(path)")
        }
    }

    @Test(.sandbox()) func `apt works inside`() async throws {
        let sandbox = try Sandbox.current
        let output = try await sandbox.ssh(
            "apt-get update && apt-get install -y --no-install-recommends hello && hello")
        #expect(output.hasSuffix("Hello, world!"))
    }

    @Test(.sandbox()) func `it reboots and powers off`() async throws {
        let sandbox = try Sandbox.current
        let first = try await sandbox.bootID()
        _ = try await sandbox.ssh("echo kept >/root/kept")
        _ = try? await sandbox.ssh("systemctl reboot")
        let second = try await sandbox.bootID(after: first)
        #expect(second != first)

        _ = try? await sandbox.ssh("systemctl poweroff")
        try await eventually("it is powered off") { Sandbox.running(sandbox.name) == nil }
        #expect(try Sandbox.list().contains { $0.sandbox == sandbox && $0.state == .stopped })
        #expect(try await Sandbox.up(sandbox.name) == sandbox)
        #expect(try await sandbox.ssh("cat /root/kept") == "kept")
        #expect(try await sandbox.bootID() != second)
    }

    @Test(.machines) func `two concurrent starts make one sandbox`() async throws {
        let name = uniqueName()
        try CleanUp.current.add(name) { try? await Sandbox.down(name) }
        async let first = Sandbox.up(name)
        async let second = Sandbox.up(name)
        let (one, other) = try await (first, second)
        #expect(one == other)
        #expect(try await one.ssh("true") == "")
    }

    @Test(.sandbox()) func `two sandboxes reach each other and are removed separately`() async throws {
        let first = try Sandbox.current
        let second = try await Sandbox.forTest()
        #expect(first.address != second.address)
        let banner = "exec 3<>/dev/tcp/\(second.address)/22; head -c 4 <&3"
        #expect(try await first.ssh("bash -c '\(banner)'") == "SSH-")
        // systemd's own tree of control groups must not be shared: the other's units would be stopped here too.
        _ = try await first.ssh("systemctl stop cron.service systemd-logind.service 2>/dev/null; true")
        #expect(try await second.ssh("systemctl is-active systemd-logind") == "active")
        try await second.down()
        #expect(Sandbox.running(second.name) == nil)
        #expect(try await first.ssh("echo here") == "here")
        #expect(try await first.ssh("apt-get update >/dev/null && echo here") == "here")
    }

    @Test(.machines) func `down leaves no trace`() async throws {
        let name = uniqueName()
        let others = try Sandbox.list().map(\.name)
        let before = try await Trace()
        try CleanUp.current.add(name) { try? await Sandbox.down(name) }
        let sandbox = try await Sandbox.up(name)
        _ = try await sandbox.ssh("true")
        #expect(try await Trace() != before)
        try await sandbox.down()
        try await sandbox.down()
        let after = try await Trace()
        for file in try await find(name) { Issue.record("left behind: \(file)") }
        // Shared state also changes when other machines start and stop.
        if others.isEmpty, try Sandbox.list().isEmpty { #expect(after == before) }
        await #expect(throws: SandboxError.self) { try await Sandbox.down(name) }
    }

    @Test(.sandbox()) func `down switches off its swap`() async throws {
        // KiB, and unlike other machines' swap. /proc/swaps counts it without the page of its header.
        let size = 8212
        let active = {
            try text("/proc/swaps").split(separator: "\n").filter { line in
                line.split(whereSeparator: \.isWhitespace).dropFirst(2).first == "\(size - 4)"
            }
        }
        let sandbox = try Sandbox.current
        #expect(try active().isEmpty)
        _ = try await sandbox.ssh(
            "dd if=/dev/zero of=/swap.test bs=1K count=\(size) 2>&1 && chmod 600 /swap.test && mkswap "
                + "/swap.test && swapon /swap.test"
        )
        #expect(try active().count == 1)
        try await sandbox.down()
        #expect(try active().isEmpty)
    }

    enum Victim: CaseIterable { case supervisor, nspawn }

    @Test(.machines, arguments: Victim.allCases, [true, false])
    func `the remains of a killed sandbox are removed`(_ victim: Victim, thenUp: Bool) async throws {
        let sandbox = try await Sandbox.forTest()
        let first = try await sandbox.bootID()
        let nspawn = { (command: String) in
            command.hasPrefix("systemd-nspawn") && command.contains("/\(sandbox.name)/root\0")
        }
        let victims = try await processes { command in
            switch victim {
            case .supervisor: command.hasPrefix("/bin/sh\0") && command.contains("/\(sandbox.name)/alive\0")
            case .nspawn: nspawn(command)
            }
        }
        try #require(victims.count == 1)
        kill(victims[0], SIGKILL)
        try await eventually("the supervisor is gone") { Sandbox.running(sandbox.name) == nil }
        if thenUp {
            #expect(try await Sandbox.up(sandbox.name) == sandbox)
            #expect(try await sandbox.bootID() != first)
            #expect(try await processes(nspawn).count == 1)
        } else {
            try await sandbox.down()
            #expect(try await find(sandbox.name) == [])
        }
    }

    @Test(.machines) func `an incomplete sandbox is recreated`() async throws {
        let name = uniqueName()
        let directory = "/var/lib/propel-sandbox/\(name)"
        try CleanUp.current.add(name) { try? await Sandbox.down(name) }
        try FileManager.default.createDirectory(atPath: "\(directory)/root/etc", withIntermediateDirectories: true)
        #expect(try Sandbox.list().contains { $0.name == name && $0.state == .incomplete })
        #expect(Sandbox.running(name) == nil)
        #expect(try await Sandbox.up(name).ssh("uname -n") == name)
        try await Sandbox.down(name)

        try FileManager.default.createDirectory(atPath: "\(directory)/root/etc", withIntermediateDirectories: true)
        try await Sandbox.down(name)
        #expect(try await find(name) == [])
    }

    @Test(.machines) func `a cancelled start leaves nothing`() async throws {
        let name = uniqueName()
        try CleanUp.current.add(name) { try? await Sandbox.down(name) }
        let (said, say) = AsyncStream.makeStream(of: String.self)
        let making = Task { try await Sandbox.up(name) { say.yield($0) } }
        for await _ in said { break }
        making.cancel()
        let result = await making.result
        #expect(throws: (any Error).self) { try result.get() }
        let left = try await find(name)
        #expect(left == [])
    }

    @Test(.sandbox(.trixie)) func `Debian 13 boots`() async throws {
        let sandbox = try Sandbox.current
        #expect(try await sandbox.ssh("cat /etc/os-release").contains("trixie"))
        let first = try await sandbox.bootID()
        _ = try? await sandbox.ssh("systemctl reboot")
        #expect(try await sandbox.bootID(after: first) != first)
        // Without a suite, what there is.
        #expect(try await Sandbox.up(sandbox.name) == sandbox)
    }

    @Test(.sandbox()) func `docker runs a container`() async throws {
        let sandbox = try Sandbox.current
        let output = try await sandbox.ssh(
            """
            export DEBIAN_FRONTEND=noninteractive
            {
                apt-get update
                apt-get install -y --no-install-recommends docker.io busybox-static
                mkdir -p /image/bin && cp /bin/busybox /image/bin/ && ln -s busybox /image/bin/sh
                tar -C /image -c . | docker import - busybox
            } >/var/log/test.log 2>&1 || { tail -n 20 /var/log/test.log; exit 1; }
            docker run --rm busybox /bin/sh -c 'echo in a container'
            """)
        #expect(output == "in a container")
    }
}
