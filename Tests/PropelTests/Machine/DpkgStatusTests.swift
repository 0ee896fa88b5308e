import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

@Suite(.recorded) struct DpkgStatusTests {
    @Test func `reads whole fields of each package`() {
        let status = DpkgStatus(
            status: Array(
                """
                Package: libc6
                Status: install ok installed
                Architecture: amd64
                Version: 2.36-9
                Description: GNU C Library
                 Status: of the art
                 .
                 Package: none

                Package: libc6
                Status: install ok half-installed
                Architecture: i386
                Version: 2.36-8

                Package: nano
                Status: hold ok installed
                Version: 7.2-1

                Package: nano-tiny
                Status: deinstall ok config-files
                Version: 7.2-1

                Package:   broken
                Status: install ok

                Package: last
                Version: 1
                Status: install ok unpacked
                """.utf8))
        #expect(status.packages["libc6"] == .init(state: "installed", version: "2.36-9", isHeld: false))
        #expect(status.packages["nano"] == .init(state: "installed", version: "7.2-1", isHeld: true))
        #expect(status.isInstalled("nano"))
        #expect(!status.isInstalled("nano-tiny") && !status.isPresent("nano-tiny"))
        #expect(status.packages["broken"] == nil && status.packages["none"] == nil)
        #expect(!status.isInstalled("last") && status.isPresent("last"))
        #expect(status.packages.count == 4)
    }

    @Test func `a package of a foreign architecture is known by its full name`() {
        let status = DpkgStatus(
            status: Array(
                """
                Package: dpkg
                Status: install ok installed
                Architecture: amd64
                Version: 1

                Package: libc6
                Status: install ok installed
                Architecture: amd64
                Version: 2

                Package: libc6
                Status: install ok half-configured
                Architecture: i386
                Version: 3

                Package: wine32
                Status: install ok installed
                Architecture: i386
                Version: 4
                """.utf8))
        #expect(status.isInstalled("libc6") && status.isInstalled("libc6:amd64") && !status.isInstalled("libc6:i386"))
        #expect(status["libc6:i386"]?.version == "3" && status["libc6"]?.version == "2")
        #expect(status.isInstalled("wine32:i386") && !status.isInstalled("wine32:amd64"))
        #expect(status["dpkg:i386"] == nil)
    }

    @Test func `an empty file and no file are no packages`() async throws {
        #expect(DpkgStatus(status: []).packages.isEmpty)
        #expect(try await DpkgStatus.read(from: FakeMachine().machine) == DpkgStatus(status: []))
    }

    @Test(arguments: [("0000", true), ("0012", true), ("tmp.i", false)])
    func `only numbered files are an interruption`(name: String, isInterrupted: Bool) async throws {
        let fake = FakeMachine()
        fake.files.put(FilePath("/var/lib/dpkg/updates/\(name)"), "")
        #expect(try await DpkgStatus.read(from: fake.machine).isInterrupted == isInterrupted)
    }
}
