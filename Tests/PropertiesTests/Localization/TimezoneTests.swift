import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct TimezoneTests {
    let target = FakeMachine()

    init() {
        target.hasInstalled("tzdata")
        for zone in ["Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"] {
            target.files.put(FilePath("/usr/share/zoneinfo/" + zone), "TZif2...")
        }
        target.files.put("/usr/share/zoneinfo/UTC", linkTo: "Etc/UTC")
        target.files.put("/usr/share/zoneinfo/localtime", linkTo: "/etc/localtime")
        target.files.put("/usr/share/zoneinfo/leapseconds", "# text")
        target.files.put("/etc/localtime", linkTo: "/usr/share/zoneinfo/Etc/UTC")
        target.files.put("/etc/timezone", "Etc/UTC\n")
    }

    @Test func `sets link and text and restores them`() async throws {
        let before = target.files.snapshot
        #expect(try await target.obeysLaw(Timezone("Europe/Berlin")).reason == "Etc/UTC → Europe/Berlin")
        #expect(target.files["/etc/localtime"]?.destination == "/usr/share/zoneinfo/Europe/Berlin")
        #expect(target.files.text(at: "/etc/timezone") == "Europe/Berlin\n")
        #expect(target.commands.log.isEmpty)
        try await target.obeysLaw(Timezone("Europe/Berlin").reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `trixie has no text`() async throws {
        try target.files.remove("/etc/timezone")
        try await target.obeysLaw(Timezone("America/Argentina/Buenos_Aires"))
        #expect(target.files["/etc/timezone"] == nil)
    }

    @Test(arguments: ["../usr/share/zoneinfo/Europe/Berlin", "/usr/share/zoneinfo//Europe/Berlin"])
    func `other ways to point there hold`(_ destination: String) async throws {
        target.files.put("/etc/localtime", linkTo: destination)
        target.files.put("/etc/timezone", "Europe/Berlin")
        #expect(try await target.check(Timezone("Europe/Berlin")) == .satisfied)
    }

    @Test(arguments: [
        "/usr/share/zoneinfo/Europe/Berlin2", "/usr/share/zoneinfo", "/tmp/Europe/Berlin", "Europe/Berlin",
    ])
    func `near misses do not hold`(_ destination: String) async throws {
        target.files.put("/etc/localtime", linkTo: destination)
        #expect(try await target.check(Timezone("Europe/Berlin")).reason != nil)
    }

    @Test func `a conflicting /etc/timezone is corrected`() async throws {
        target.files.put("/etc/localtime", linkTo: "/usr/share/zoneinfo/Europe/Berlin")
        #expect(try await target.obeysLaw(Timezone("Europe/Berlin")).reason == "/etc/timezone: Etc/UTC → Europe/Berlin")
    }

    @Test func `a copy is replaced by a link and restored by a revert`() async throws {
        target.files.put("/etc/localtime", "TZif2 copy")
        let before = target.files.snapshot
        #expect(try await target.obeysLaw(Timezone("Europe/Berlin")).reason == "a copy of a zone → Europe/Berlin")
        try await target.obeysLaw(Timezone("Europe/Berlin").reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `a missing link is made`() async throws {
        try target.files.remove("/etc/localtime")
        #expect(try await target.obeysLaw(Timezone("Etc/UTC")).reason == "/etc/localtime is missing")
    }

    @Test func `the databases own links are zones`() async throws {
        try await target.obeysLaw(Timezone("UTC"))
        #expect(target.files["/etc/localtime"]?.destination == "/usr/share/zoneinfo/UTC")
    }

    @Test(arguments: [
        "Europe/Berlim", "Europe", "leapseconds", "localtime", "", "/Europe/Berlin", "../../../etc/passwd",
        "Europe/../Etc/UTC", "Europe/Berlin\n",
        "Europe//Berlin", "Europe Berlin",
    ])
    func `an invalid zone is refused`(_ zone: String) async throws {
        await #expect(throws: Failure.self) { try await target.check(Timezone(zone)) }
        await #expect(throws: Failure.self) { try await Timezone(zone).apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }

    @Test(arguments: [
        "", "/Europe/Berlin", "../../../etc/passwd", "Europe/Berlin\n", "Europe//Berlin", "Europe Berlin",
    ])
    func `a name that no zone can have is found before a machine is touched`(_ zone: String) {
        #expect(Timezone(zone).problems.count == 1)
    }

    @Test func `the check is unmet before the package is installed`() async throws {
        target.hasInstalled()
        #expect(try await target.check(Timezone("Europe/Berlin")).reason == "Etc/UTC → Europe/Berlin")
        #expect(try await target.check(Timezone("Etc/UTC")).isUnknown)
        // The package takes Etc/UTC where nothing is set.
        try target.files.remove("/etc/localtime")
        #expect(try await target.check(Timezone("Etc/UTC")).isUnknown)
        #expect(try await target.check(Timezone("Europe/Berlin")).reason == "Etc/UTC → Europe/Berlin")
        target.files.put("/etc/timezone", "Europe/Berlin\n")
        #expect(try await target.check(Timezone("Europe/Berlin")).isUnknown)
        target.files.put("/etc/timezone", "Etc/UTC\n")
        target.files.put("/var/cache/debconf/config.dat", "Name: tzdata/Areas\nValue: Europe\n")
        #expect(try await target.check(Timezone("Europe/Berlin")).isUnknown)
    }

    @Test func `brings the package`() {
        let host = Host("x", runs: Debian.self) { Timezone("Europe/Berlin") }
        #expect(host.steps.map(\.path) == ["apt: tzdata", "time zone Europe/Berlin"])
        #expect(host.steps[1].requirements == [0])
    }
}
