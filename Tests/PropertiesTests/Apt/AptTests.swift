import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct AptTests {
    let fake = FakeMachine()

    var machine: Machine { fake.machine }

    @Test func `missing packages are installed once`() async throws {
        _ = FakeApt(fake)
        let change = try await fake.obeysLaw(Apt.Installed("git", "g++"))
        #expect(change.reason == "install git, g++")
        #expect(
            fake.commands.log == [
                "apt-get --quiet -o Acquire::Retries=3 update",
                "apt-cache policy -- git g++",
                "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- git g++",
            ])
        #expect(try await fake.check(Apt.Installed("git")) == .satisfied)
    }

    @Test func `fetches the lists again only when they are old or the sources changed`() async throws {
        _ = FakeApt(fake)
        func updates() -> Int { fake.commands.log.count { $0.hasSuffix("update") } }
        try await fake.obeysLaw(Apt.Installed("git"))
        try await fake.obeysLaw(Apt.Installed("curl"))
        #expect(updates() == 1)
        fake.pass(.minutes(1))
        fake.files.put("/etc/apt/sources.list.d/new.sources", "Types: deb\n")
        try await fake.obeysLaw(Apt.Installed("ed"))
        #expect(updates() == 2)
        fake.pass(.days(30))
        try await fake.obeysLaw(Apt.Installed("nano"))
        #expect(updates() == 3)
    }

    @Test func `lists that could not all be fetched are fetched again by the next run`() async throws {
        fake.commands.program(
            "apt-get", status: 0,
            errors:
                "W: Failed to fetch http://example.org/InRelease  Could not resolve\nW: Some index files failed to "
                + "download.\n"
        )
        let failure = await #expect(throws: Failure.self) { try await Apt.Update().perform(on: machine) }
        #expect(failure?.output.first?.contains("http://example.org/InRelease") == true)
        #expect(fake.files["/var/lib/propel/stamps/apt-index"] == nil)
        fake.commands.program("apt-get")
        try await Apt.Update().perform(on: machine)
        #expect(fake.files["/var/lib/propel/stamps/apt-index"] != nil)
    }

    @Test func `all packages of a run are one transaction`() async throws {
        _ = FakeApt(fake)
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("nano", "install ok installed"))
        let others: [any Batchable] = [Apt.Absent("nano"), Apt.Installed("curl"), Apt.Installed("git")]
        try await Apt.Installed("git").apply(with: others, on: machine)
        #expect(fake.commands.log.last == "apt-get \(FakeApt.options) \(FakeApt.keeping) install -- git curl nano-")
        for property in [Apt.Installed("git"), Apt.Installed("curl")] {
            #expect(try await fake.check(property) == .satisfied)
        }
        #expect(try await fake.check(Apt.Absent("nano")) == .satisfied)
    }

    @Test(arguments: ["install ok installed", "hold ok installed"])
    func `only missing packages are passed to apt`(_ status: String) async throws {
        _ = FakeApt(fake)
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("openssl", status))
        let change = try await fake.obeysLaw(Apt.Installed("openssl", "git"))
        #expect(change.reason == "install git")
        #expect(fake.commands.log.last == "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- git")
        #expect(!fake.commands.log.contains { $0.contains("openssl") })
    }

    @Test func `an installed package of another property is not given to apt`() async throws {
        _ = FakeApt(fake)
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("openssl", "install ok installed"))
        try await Apt.Installed("git").apply(
            with: [Apt.Installed("openssl", "curl", recommends: false)], on: machine)
        #expect(!fake.commands.log.contains { $0.contains("openssl") })
    }

    @Test func `recommended packages are left out on request`() async throws {
        _ = FakeApt(fake)
        try await Apt.Installed("git", recommends: false).apply(with: [Apt.Installed("curl")], on: machine)
        #expect(
            fake.commands.log.filter { $0.contains(" install ") } == [
                "apt-get --no-remove \(FakeApt.options) --no-install-recommends \(FakeApt.keeping) install -- git",
                "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- curl",
            ])
    }

    @Test func `other packages of a run that are not available yet are left out`() async throws {
        _ = FakeApt(fake)
        try await Apt.Installed("git").apply(with: [Apt.Installed("from-a-repository-to-come")], on: machine)
        #expect(fake.commands.log.last == "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- git")
    }

    @Test func `an unknown package is a failure that says where to look`() async throws {
        _ = FakeApt(fake)
        let failure = await #expect(throws: Failure.self) { try await Apt.Installed("git", "gti").apply(on: machine) }
        #expect(failure?.message == "apt knows no package “gti”")
        #expect(failure?.advice?.contains("apt-cache search gti") == true)
        #expect(!fake.commands.log.contains { $0.contains("install") })
    }

    @Test func `a package that fresh lists do not have is looked for in fresher ones`() async throws {
        _ = FakeApt(fake)
        try await fake.obeysLaw(Apt.Installed("git"))
        _ = try? await Apt.Installed("gti").apply(on: machine)
        #expect(
            fake.commands.log.suffix(4) == [
                "apt-cache policy -- gti", "apt-get --quiet -o Acquire::Retries=3 update", "apt-cache policy -- gti",
                "apt-cache showpkg -- gti",
            ])
    }

    @Test func `a virtual package is a failure that names its providers`() async throws {
        _ = FakeApt(fake)
        let failure = await #expect(throws: Failure.self) { try await Apt.Installed("awk").apply(on: machine) }
        #expect(failure?.message == "awk is a virtual package, which others provide")
        #expect(failure?.advice == "Declare one of these instead: gawk, mawk, original-awk.")
    }

    @Test(arguments: [
        "nano-", "Git", "git=1.0", "libc6:", "libc6:i386:amd64", "git/testing", "-o", "g", "", "git curl", "git*",
        "git\n",
    ])
    func `an invalid name reaches no program`(name: String) async throws {
        _ = FakeApt(fake)
        await #expect(throws: Failure.self) { try await fake.check(Apt.Installed(name)) }
        await #expect(throws: Failure.self) { try await fake.check(Apt.Absent(name)) }
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `removes and keeps configuration files`() async throws {
        _ = FakeApt(fake)
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("nano", "install ok installed"))
        #expect(try await fake.obeysLaw(Apt.Absent("nano", "ed")).reason == "remove nano")
        // Not `ed-`: apt does not know the names of all that is absent, and a name that it does not know is an error to
        // it.
        #expect(fake.commands.log.last == "apt-get \(FakeApt.options) \(FakeApt.keeping) install -- nano-")
        #expect(fake.files.text(at: "/var/lib/dpkg/status")?.contains("config-files") == true)
    }

    @Test func `installed packages and leftover configuration are purged`() async throws {
        _ = FakeApt(fake)
        fake.files.put(
            "/var/lib/dpkg/status",
            FakeApt.package("nano", "install ok installed") + FakeApt.package("ed", "deinstall ok config-files"))
        #expect(try await fake.check(Apt.Absent("ed")) == .satisfied)
        #expect(try await fake.obeysLaw(Apt.Absent("nano", "ed", purge: true)).reason == "purge nano, ed")
        #expect(
            fake.commands.log.suffix(2) == [
                "apt-get --simulate \(FakeApt.options) \(FakeApt.keeping) purge -- nano ed",
                "apt-get \(FakeApt.options) \(FakeApt.keeping) purge -- nano ed",
            ])
        #expect(fake.files.text(at: "/var/lib/dpkg/status") == "")
    }

    @Test func `a transaction that would remove other packages is rejected`() async throws {
        _ = FakeApt(fake, takesAlong: ["docker-ce", "nano"])
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("ed", "install ok installed"))
        let before = fake.files.text(at: "/var/lib/dpkg/status")
        var failure = await #expect(throws: Failure.self) { try await Apt.Installed("git").apply(on: machine) }
        #expect(failure?.message == "installing git would also remove docker-ce, nano")
        #expect(
            failure?.advice
                == "Nothing was changed. If that is intended, declare Apt.Absent(\"docker-ce\", \"nano\") too.")
        // To ask for one removal is to ask for no other.
        failure = await #expect(throws: Failure.self) { try await Apt.Absent("ed").apply(on: machine) }
        #expect(failure?.message == "removing ed would also remove docker-ce, nano")
        #expect(fake.files.text(at: "/var/lib/dpkg/status") == before)
    }

    @Test func `a package on hold is installed and is not removed`() async throws {
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("nano", "hold ok installed"))
        #expect(try await fake.check(Apt.Installed("nano")) == .satisfied)
        let failure = await #expect(throws: Failure.self) { try await fake.check(Apt.Absent("nano")) }
        #expect(failure?.advice?.contains("apt-mark unhold nano") == true)
    }

    @Test func `an interrupted dpkg is repaired first`() async throws {
        _ = FakeApt(fake)
        fake.files.put("/var/lib/dpkg/updates/0001", "Package: ed\n")
        fake.commands.program("dpkg") { [fake] _ in
            try fake.files.remove("/var/lib/dpkg/updates/0001")
            return .printing()
        }
        try await fake.obeysLaw(Apt.Installed("git"))
        #expect(fake.commands.log.first == "dpkg --force-confdef --force-confold --configure -a")
        try await fake.obeysLaw(Apt.Installed("curl"))
        #expect(fake.commands.log.count { $0.hasPrefix("dpkg") } == 1)
    }

    @Test func `half a package is no package`() async throws {
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("git", "install ok half-configured"))
        #expect(try await fake.check(Apt.Installed("git")) == .unmet("install git (half-configured)"))
        #expect(try await fake.check(Apt.Absent("git")) == .unmet("remove git"))
    }
}
