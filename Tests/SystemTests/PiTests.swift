import Foundation
import Propel
import Testing

/// An emulated machine like a Raspberry Pi with 1 GB, from its first boot until it has converged. `./test` runs this
/// alone, since the emulation uses both cores.
@Suite(.serialized)
struct PiTests {
    @Test(.timeLimit(.minutes(35))) func `a Pi converges from its first boot`() async throws {
        // Before the machine boots: both want the processor.
        let configuration = try Configuration(hosts: EmulatedPi.fleet)
        let build = try await measured("propel-enforce built for aarch64, or found") {
            try await configuration.propel("enforcer", "build", "--architecture", "aarch64")
        }
        try #require(build.status == 0, "\(build)")
        let enforcer = build.output.trimmingCharacters(in: .newlines)
        try expectStatic(enforcer)
        try await expectToRunOnOlderModels(enforcer)

        try await EmulatedPi.with { pi in
            try pi.describe()
            // Nobody has told what processor it has.
            let plan = try await measured("plan, with the upload") { try await pi.propel("plan", "pi.local") }
            #expect(plan.status == 2, "\(plan)")
            #expect(try plan.paths(.failed, .changed, .skipped).isEmpty, "\(plan)")
            print("pi: propel-enforce: \(try size(enforcer)) bytes, on the wire \(try size(enforcer + ".gz"))")

            try pi.describe(keys: "architecture = \"aarch64\"")
            let first = try await measured("first run") { try await pi.propel("pi.local", "--no-commit") }
            try #require(first.status == 0, "\(first)")
            try expectLittleMemory(first, "first run")

            let second = try await measured("second run") { try await pi.propel("pi.local", "--no-commit") }
            try expectNothingChanged(second)
            try expectLittleMemory(second, "second run")

            try await measured("reboot") { try await pi.reboot() }
            try await expectAllData(pi)
            try expectNothingChanged(
                try await measured("third run, after the reboot") { try await pi.propel("pi.local", "--no-commit") })
        }
    }

    private func size(_ file: String) throws -> Int {
        try #require(try URL(filePath: file).resourceValues(forKeys: [.fileSizeKey]).fileSize)
    }

    private func expectStatic(_ enforcer: String) throws {
        let bytes = try Data(contentsOf: URL(filePath: enforcer))
        #expect(bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]))
        #expect(bytes.range(of: Data("/lib/ld-linux-aarch64".utf8)) == nil, "it asks for a dynamic loader")
        #expect(bytes.count <= 15_000_000)
    }

    /// The emulated machine has instructions of ARMv8.2, which a Raspberry Pi 3 or 4 lacks.
    private func expectToRunOnOlderModels(_ enforcer: String) async throws {
        let usage = try await Configuration.run(
            "sh", ["-c", "qemu-aarch64-static -cpu cortex-a53 \"$1\" 2>&1; [ $? = 64 ]", "sh", enforcer])
        #expect(usage.contains("is started by propel"))
    }

    private func expectNothingChanged(_ run: Answer) throws {
        #expect(run.status == 0, "\(run)")
        let properties = try run.properties
        #expect(properties.count >= 10, "\(run)")
        #expect(properties.allSatisfy { $0.status == .ok }, "\(run)")
    }

    private func expectLittleMemory(_ run: Answer, _ what: String) throws {
        let host = try #require(try run.lines.first { $0["kind"] == "host" })
        let memory = try #require(host["peak-memory"]?.integer)
        print(
            "pi: \(what): peak memory of propel-enforce \(memory) bytes, \(host["seconds"] ?? "") s from the first "
                + "packet to the last event"
        )
        #expect(memory <= 20_000_000)
    }

    /// Independent tools agree.
    private func expectAllData(_ pi: EmulatedPi) async throws {
        let said = try await pi.root(
            """
            echo "swap $(swapon --show=NAME,SIZE,PRIO --bytes --noheadings | tr -s ' ')"
            echo "zone $(readlink /etc/localtime)"
            echo "locale $(grep ^LANG= /etc/default/locale)"
            echo "locales $(locale -a | tr '\\n' ' ')"
            echo "name $(hostname)"
            echo "packages $(dpkg-query --show --showformat '${db:Status-Status} ' git htop docker.io)"
            echo "docker $(systemctl is-enabled docker) $(systemctl is-active docker) $(docker info --format \
            '{{.LoggingDriver}} {{.Driver}}')"
            echo "groups $(id -nG pi)"
            echo "sudo $(visudo -c -q && echo parsed)"
            echo "audit $(dpkg --audit)"
            """)
        let facts = Dictionary(
            said.split(separator: "\n").map { line in
                let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
                return (parts[0], parts.count > 1 ? parts[1] : "")
            }, uniquingKeysWith: { $1 })
        #expect(facts["swap"] == "/var/swapfile 1073737728 10")
        #expect(facts["zone"] == "/usr/share/zoneinfo/Europe/London")
        #expect(facts["locale"] == "LANG=en_GB.UTF-8")
        #expect(facts["locales"]?.contains("en_GB.utf8") == true)
        #expect(facts["name"] == "pi")
        #expect(facts["packages"] == "installed installed installed ")
        #expect(facts["docker"] == "enabled active json-file overlay2")
        #expect(facts["groups"]?.split(separator: " ").contains("docker") == true)
        #expect(facts["sudo"] == "parsed")
        #expect(facts["audit"] == "")
    }
}
