import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct AptStateTests {
    private let fake = FakeMachine()

    private func install(_ name: String, _ status: String = "install ok installed") {
        fake.files.put(
            "/var/lib/dpkg/status",
            (fake.files.text(at: "/var/lib/dpkg/status") ?? "") + FakeApt.package(name, status))
    }

    @Test func `packages are held and released`() async throws {
        _ = FakeApt(fake)
        let hold = Apt.Hold("git", "curl")
        #expect(try await fake.check(hold) == .unknown(until: "git is installed"))
        install("git", "hold ok installed")
        install("curl")
        #expect(try await fake.obeysLaw(hold).reason == "hold curl")
        #expect(fake.commands.log == ["apt-mark hold -- curl"])
        await #expect(throws: Failure.self) { try await fake.check(Apt.Absent("git")) }
        #expect(try await fake.obeysLaw(hold.reverted()).reason == "release git, curl")
        #expect(fake.commands.log.last == "apt-mark unhold -- git curl")
    }

    @Test func `a package that was installed for another is kept`() async throws {
        _ = FakeApt(fake)
        install("curl")
        install("git")
        fake.files.put(
            "/var/lib/apt/extended_states",
            "Package: curl\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: git\nArchitecture: amd64\n"
                + "Auto-Installed: 0\n\n")
        #expect(
            try await fake.obeysLaw(Apt.Installed("git", "curl")).reason == "keep curl also without what needs it")
        #expect(fake.commands.log.last == "apt-mark manual -- curl")
        #expect(!fake.commands.log.contains { $0.contains("install --") })
    }

    @Test func `a foreign architecture is added and removed`() async throws {
        fake.commands.program("dpkg") { [fake] command in
            let isAdded = command.arguments[0] == "--add-architecture"
            fake.files.put("/var/lib/dpkg/arch", "amd64\n" + (isAdded ? "\(command.arguments[1])\n" : ""))
            return .printing()
        }
        let i386 = Apt.ForeignArchitecture("i386")
        #expect(try await fake.obeysLaw(i386).reason == "add i386")
        #expect(try await fake.check(Apt.ForeignArchitecture("i38")).reason == "add i38")
        #expect(try await fake.obeysLaw(i386.reverted()).reason == "remove i386")
        #expect(fake.commands.log == ["dpkg --add-architecture i386", "dpkg --remove-architecture i386"])
        #expect(Apt.ForeignArchitecture("--x").problems.count == 1)
    }

    @Test func `a package of a foreign architecture is installed by its full name`() async throws {
        _ = FakeApt(fake, available: ["libc6:i386"])
        fake.files.put("/var/lib/dpkg/status", "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\n\n")
        #expect(try await fake.check(Apt.Installed("libc6:i386")).reason == "install libc6:i386")
        #expect(try await fake.check(Apt.Installed("libc6")) == .satisfied)
    }

    @Test func `an upgrade may remove packages and what no other needs`() async throws {
        _ = FakeApt(fake)
        fake.files.put("/run/reboot-required", "")
        try await Apt.Upgrade(full: true, autoremove: true).perform(on: fake.machine)
        #expect(
            fake.commands.log.suffix(2) == [
                "apt-get \(FakeApt.options) dist-upgrade", "apt-get \(FakeApt.options) autoremove",
            ])
        #expect(fake.machine.followUps.count == 1)
        try await Apt.AutoRemove(purge: true).perform(on: fake.machine)
        #expect(fake.commands.log.last == "apt-get \(FakeApt.options) autoremove --purge")
        let names = [Apt.Upgrade(), Apt.Upgrade(full: true), Apt.Upgrade(full: true, autoremove: true)].map(\.name)
        #expect(Set(names).count == 3)
    }

    // MARK: Services

    private static let policy: FilePath = "/usr/sbin/policy-rc.d"

    @Test func `no service is started while packages are installed`() async throws {
        _ = FakeApt(fake)
        fake.files.put("/proc/sys/kernel/random/boot_id", "0123\n")
        fake.files.put(Self.policy, linkTo: "/usr/local/sbin/policy")
        let during = Mutex("")
        let apt = Apt.Installed("git", startsServices: false)
        fake.commands.program("apt-get") { [fake] command in
            guard command.arguments.contains("install") else { return .printing() }
            during.withLock { $0 = fake.files.text(at: Self.policy) ?? "" }
            fake.files.put("/var/lib/dpkg/status", FakeApt.package("git", "install ok installed"))
            return .printing()
        }
        try await fake.obeysLaw(apt)
        #expect(during.withLock { $0 }.contains("= \"0123\" ] && [ -d /proc/"))
        #expect(fake.files[Self.policy]?.destination == "/usr/local/sbin/policy")
    }

    @Test func `services may start again after a failure`() async throws {
        _ = FakeApt(fake, takesAlong: ["nano"])
        await #expect(throws: Failure.self) {
            try await Apt.Installed("git", startsServices: false).apply(on: fake.machine)
        }
        #expect(fake.files[Self.policy] == nil)
    }

    @Test func `what a killed run has left is removed by the next`() async throws {
        _ = FakeApt(fake)
        install("git")
        let withheld = WithheldServices(machine: fake.machine)
        try await withheld.during {
            // As if the run ended here: the check of the next one finds it.
            let check = try await self.fake.check(Apt.Installed("git", startsServices: false))
            #expect(check.reason == "restore /usr/sbin/policy-rc.d")
            // An ordinary installation removes it too.
            try await Apt.Installed("curl").apply(on: self.fake.machine)
            #expect(self.fake.files[Self.policy] == nil)
        }
        #expect(try await fake.check(Apt.Installed("git", startsServices: false)) == .satisfied)
    }

    @Test(arguments: Fault.allCases) func `no fault leaves services withheld`(_ fault: Fault) async throws {
        try await FakeMachine.verify(Apt.Installed("git", startsServices: false), survives: fault) {
            let fake = FakeMachine()
            _ = FakeApt(fake)
            fake.files.put(directory: "/usr/sbin")
            return fake
        }
    }

    @Test func `such packages are a separate transaction`() {
        #expect(Apt.Installed("git", startsServices: false).batch != Apt.Installed("git").batch)
        #expect(Apt.Installed("git", startsServices: false).name == "apt: git, without starting services")
    }
}
