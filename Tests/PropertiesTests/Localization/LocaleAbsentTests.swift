import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct LocaleAbsentTests {
    private let fake = Self.machine()
    private let absent = Locale.Absent("de_DE.utf8", "fr_FR.UTF-8")

    private static let list =
        "# locales\n  de_DE.UTF-8\tUTF-8\nen_GB.UTF-8 UTF-8\n# fr_FR.UTF-8 UTF-8\nde_DE ISO-8859-1\n"

    private static func machine() -> FakeMachine {
        let fake = FakeMachine()
        fake.hasInstalled("locales")
        fake.files.put("/etc/locale.gen", list)
        fake.files.put("/etc/default/locale", "LANG=en_GB.UTF-8\n")
        fake.files.put("/usr/lib/locale/C.utf8/LC_CTYPE", "")
        fake.files.put(
            "/usr/lib/locale/locale-archive", bytes: localeArchive(["de_DE.utf8", "en_GB.utf8", "de_DE"]))
        fake.commands.program("localedef") { command in
            let names = try await LocaleArchive.read(from: fake.machine).names.subtracting(["C.utf8"])
            guard command.arguments[0] == "--delete-from-archive", names.contains(command.arguments[1]) else {
                return .failing(1, "locale not in archive\n")
            }
            fake.files.put(
                "/usr/lib/locale/locale-archive",
                bytes: localeArchive(names.filter { $0 != command.arguments[1] }.sorted()))
            return .printing()
        }
        return fake
    }

    @Test func `a locale is no longer listed, and its data goes`() async throws {
        let change = try await fake.obeysLaw(absent)
        #expect(change.reason == "remove de_DE.UTF-8; no longer list de_DE.UTF-8 in /etc/locale.gen")
        #expect(
            fake.files.text(at: "/etc/locale.gen")
                == Self.list.replacing("  de_DE.UTF-8\tUTF-8", with: "# de_DE.UTF-8\tUTF-8"))
        #expect(try await LocaleArchive.read(from: fake.machine).names == ["C.utf8", "en_GB.utf8", "de_DE"])
        #expect(fake.commands.log == ["localedef --delete-from-archive de_DE.utf8"])
        try fake.operations.require("replace /etc/locale.gen", before: "localedef --delete")
        // And it can come back.
        fake.files.put("/usr/share/i18n/SUPPORTED", "de_DE.UTF-8 UTF-8\n")
        #expect(try await fake.check(Locale.Available("de_DE.UTF-8")).reason == "generate de_DE.UTF-8")
    }

    /// glibc gives `de_DE` the name `de_DE.iso88591` too, and those of locale.alias(5).
    @Test func `the other names of a locale go with it`() async throws {
        let archive = localeArchive(["de_DE", "en_GB.utf8"], others: ["de_DE.iso88591": "de_DE", "german": "de_DE"])
        fake.files.put("/usr/lib/locale/locale-archive", bytes: archive)
        try await fake.obeysLaw(Locale.Absent("de_DE", "de_DE.ISO-8859-1"))
        #expect(try await LocaleArchive.read(from: fake.machine).names == ["C.utf8", "en_GB.utf8"])
        let names = ["de_DE.iso88591", "german", "de_DE"]
        #expect(fake.commands.log == names.map { "localedef --delete-from-archive \($0)" })
        // One that is listed is wanted.
        fake.files.put("/etc/locale.gen", Self.list)
        fake.files.put("/usr/lib/locale/locale-archive", bytes: archive)
        try await fake.obeysLaw(Locale.Absent("de_DE.ISO-8859-1"))
        #expect(
            try await LocaleArchive.read(from: fake.machine).names == ["C.utf8", "en_GB.utf8", "de_DE", "german"])
    }

    @Test func `one with a separate directory goes too`() async throws {
        fake.files.put("/usr/lib/locale/fr_FR.utf8/LC_CTYPE", "")
        #expect(
            try await fake.obeysLaw(Locale.Absent("fr_FR.UTF-8")).reason == "remove fr_FR.UTF-8")
        #expect(try fake.files.list("/usr/lib/locale") == ["C.utf8", "locale-archive"])
        #expect(fake.commands.log.isEmpty)
    }

    @Test(arguments: ["LANG=de_DE.utf8\n", "LANG=C.UTF-8\nLC_TIME=\"de_DE.UTF-8\"\n"])
    func `the default locale stays until another one is the default`(_ text: String) async throws {
        fake.files.put("/etc/default/locale", text)
        #expect(
            try await fake.check(absent) == .unknown(until: "another locale than de_DE.UTF-8 is the default"))
        let writes = fake.files.writes
        await #expect(throws: Undetermined.self) { try await absent.apply(on: fake.machine) }
        #expect(fake.files.writes == writes && fake.commands.log.isEmpty)
        // Messages in a language need no locale of it.
        fake.files.put("/etc/default/locale", "LANG=en_GB.UTF-8\nLANGUAGE=de_DE\n")
        try await fake.obeysLaw(absent)
    }

    @Test func `where all locales are wanted the advice says by what`() async throws {
        fake.hasInstalled("locales", "locales-all")
        await #expect(throws: Failure.self) { try await fake.check(absent) }
        fake.hasInstalled("locales")
        fake.files.put("/usr/share/i18n/SUPPORTED", "de_DE.UTF-8 UTF-8\n")
        try fake.files.remove("/etc/locale.gen")
        fake.files.put("/etc/locale.gen", linkTo: "/usr/share/i18n/SUPPORTED")
        let failure = await #expect(throws: Failure.self) { try await fake.check(absent) }
        #expect(failure?.message == "/etc/locale.gen is a link to the list of all locales")
    }

    @Test func `a machine without locales has none`() async throws {
        let bare = FakeMachine()
        bare.hasInstalled()
        #expect(try await bare.check(absent) == .satisfied)
    }

    @Test func `a locale that is available and absent is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            Locale.Default("de_DE.UTF-8")
            absent
        }
        #expect(host.conflicts.map(\.subject) == ["the locale de_DE.UTF-8"])
    }

    @Test(arguments: ["", "C", "C.utf8", "POSIX", "../x", "a b"]) func `an invalid name is a problem`(
        _ name: String
    ) async throws {
        #expect(Locale.Absent(name).problems.count == 1)
        let before = fake.files.snapshot
        await #expect(throws: Failure.self) { try await Locale.Absent(name).apply(on: fake.machine) }
        #expect(fake.files.snapshot == before)
    }

    @Test(arguments: Fault.allCases) func `what a fault has cut is finished`(_ fault: Fault) async throws {
        try await FakeMachine.verify(absent, survives: fault) { Self.machine() }
    }
}
