import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct AptProgressTests {
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
        #expect(AptProgress(of: "installing 62 packages").words(after: output) == words)
    }

    @Test(arguments: [
        ("0 upgraded, 2 newly installed, 0 to remove and 3 not upgraded.", "installing 2 packages"),
        ("1 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.", "installing 1 package"),
        (
            "1 upgraded, 1 newly installed, 2 reinstalled, 3 downgraded, 0 to remove and 0 not upgraded.",
            "installing 7 packages"
        ),
        ("0 upgraded, 1 newly installed, 1 to remove and 0 not upgraded.", "installing 1 package and removing 1"),
        ("0 upgraded, 0 newly installed, 1 to remove and 0 not upgraded.", "removing 1 package"),
        ("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.", "configuring packages"),
        ("Reading package lists...", nil), ("all upgraded, 1 to remove and 0 not upgraded.", nil),
    ])
    func `a transaction is known by the summary of apt`(_ summary: String, _ task: String?) {
        let output =
            "Reading state information...\nThe following NEW packages will be installed:\n  git\n\(summary)\nGet:1\n"
        #expect(AptProgress.task(in: output) == task)
    }

    @Test func `the summary is remembered when it is no longer in the end of the output`() {
        let progress = AptProgress(of: nil)
        #expect(
            progress.words(after: "2 newly installed, 0 to remove and 0 not upgraded.\nGet:1 x\n") == nil)
        #expect(
            progress.words(after: "Done\n0 upgraded, 62 newly installed, 0 to remove and 0 not upgraded.\n") == nil)
        #expect(
            progress.words(after: "pmstatus:nginx:54.9:Unpacking nginx (amd64)\n")
                == "installing 62 packages: unpacking nginx, 54 %")
        #expect(
            AptProgress(of: nil).words(after: "pmstatus:nginx:54.9:Unpacking nginx (amd64)\n")
                == "installing packages: unpacking nginx, 54 %")
    }

    @Test(arguments: ["Remv nano [7.2-1]", "Purg nano [7.2-1]", "Remv nano:i386 [7.2-1]", "Purg nano:i386 [7.2-1]"])
    func `a package that goes is seen in the simulation`(_ line: String) {
        #expect(AptTransaction.removals(in: "Inst git (1)\n\(line)\nConf git (1)\n") == ["nano"])
    }

    @Test func `a failure shows what apt says, without its progress`() async throws {
        let fake = FakeMachine()
        _ = FakeApt(fake)
        fake.commands.program("apt-get") { command in
            guard command.arguments.contains("install") else { return .printing() }
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
