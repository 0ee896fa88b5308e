import PropelTesting
import Testing

@testable import Properties

@Suite struct AptProgressTests {
    @Test(arguments: [
        (
            "dlstatus:1:0.0:Retrieving file 1 of 7\ndlstatus:3:42.57:Retrieving file 3 of 7 (12s remaining)\nGet:4 x\n",
            "installing 62 packages: downloading, 42 %"
        ),
        (
            "pmstatus:nginx:10.0:Preparing nginx (amd64)\npmstatus:nginx:54.9:Unpacking nginx (amd64)\nSelecting …\n",
            "installing 62 packages: unpacking nginx, 54 %"
        ),
        (
            "pmstatus:dpkg-exec:97.0:Running post-installation trigger man-db\n",
            "installing 62 packages: running post-installation trigger man-db, 97 %"
        ),
        ("pmstatus:a:b:c:d\nReading package lists...\n", nil), ("", nil),
    ])
    func `the last line of apt's progress is shown in words`(_ output: String, _ words: String?) {
        #expect(AptProgress.words(in: output, of: "installing 62 packages") == words)
    }

    @Test(arguments: [
        ("Inst git (1)\nInst perl (2)\nConf git (1)\n", "installing 2 packages"),
        ("Inst git (1)\nRemv nano [7]\n", "installing 1 package and removing 1"),
        ("Purg nano [7]\n", "removing 1 package"), ("", "configuring packages"),
    ])
    func `a transaction is known by its simulation`(_ simulation: String, _ task: String) {
        #expect(AptProgress.task(of: simulation) == task)
    }

    @Test(arguments: ["Remv nano [7.2-1]", "Purg nano [7.2-1]", "Remv nano:i386 [7.2-1]", "Purg nano:i386 [7.2-1]"])
    func `a package that goes is seen in the simulation`(_ line: String) {
        #expect(AptTransaction.removals(in: "Inst git (1)\n\(line)\nConf git (1)\n") == ["nano"])
    }

    @Test func `a failure shows what apt says, without its progress`() async throws {
        let fake = FakeMachine()
        _ = FakeApt(fake)
        fake.commands.program("apt-get") { command in
            guard command.arguments.contains("install"), command.arguments.first != "--simulate" else {
                return .printing()
            }
            #expect(command.arguments.contains("APT::Status-Fd=3") && command.hasStatusDescriptor)
            var result = CommandResult.failing(100)
            result.output = Array("pmstatus:git:3.0:Unpacking git (amd64)\ntar: broken\npmerror:git:3.0:x\n".utf8)
            return result
        }
        let failure = await #expect(throws: CommandFailure.self) {
            try await Apt.Installed("git").apply(on: fake.machine)
        }
        #expect(failure?.lastLines == ["tar: broken", "pmerror:git:3.0:x"])
    }
}
