import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// A glibc locale archive with these names (locale/locarchive.h), without the data that would follow.
/// - Parameters:
///   - locales: a name of each.
///   - others: other names, each with the name of the same locale.
func localeArchive(_ locales: [String], others: [String: String] = [:]) -> [UInt8] {
    func words(_ values: [Int]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: UInt32(value)) { Array($0) } }
    }
    let names = locales + others.keys.sorted()
    let slots = names.count * 2 + 1, table = 56, strings = table + slots * 12
    var text: [UInt8] = [], entries = Array(repeating: [0, 0, 0], count: slots)
    for (index, name) in names.enumerated() {
        let record = locales.firstIndex(of: others[name] ?? name) ?? 0
        entries[index * 2] = [1, strings + text.count, 4096 + record * 64]
        text += Array(name.utf8) + [0]
    }
    return words([
        0xde02_0109, 0, table, names.count, slots, strings, text.count, text.count, strings + text.count, 0, 0, 0, 0, 0,
    ])
        + words(entries.flatMap(\.self)) + text
}

@Suite(.recorded) struct LocaleAvailableTests {
    let target = FakeMachine()

    static let list = """
        # This file lists locales that you wish to have built.

        # de_DE ISO-8859-1
        # de_DE.UTF-8 UTF-8
        #en_GB.UTF-8 UTF-8
        # en_GB ISO-8859-1
        # sr_RS@latin UTF-8

        """

    /// Debian with the package `locales`.
    private func installLocales(list: String = Self.list, archive: [String] = []) {
        target.hasInstalled("locales")
        target.files.put(
            "/usr/share/i18n/SUPPORTED",
            "de_DE ISO-8859-1\nde_DE.UTF-8 UTF-8\nen_GB ISO-8859-1\nen_GB.UTF-8 UTF-8\nsr_RS@latin UTF-8\n")
        target.files.put("/etc/locale.gen", list)
        target.files.put("/usr/lib/locale/C.utf8/LC_CTYPE", "")
        if !archive.isEmpty { target.files.put("/usr/lib/locale/locale-archive", bytes: localeArchive(archive)) }
        // Makes what is listed, as the real one does.
        target.commands.program("locale-gen") { [files = target.files] command in
            guard command.arguments == ["--keep-existing"] else { return .failing(2) }
            let lines = (files.text(at: "/etc/locale.gen") ?? "").split(separator: "\n").filter { !$0.hasPrefix("#") }
            let names = lines.compactMap { $0.split { " \t".contains($0) }.first }.compactMap {
                try? LocaleName(String($0)).archived
            }
            files.put("/usr/lib/locale/locale-archive", bytes: localeArchive(names))
            return .printing()
        }
    }

    @Test func `uncomments the line and generates`() async throws {
        installLocales()
        let change = try await target.obeysLaw(Locale.Available("en_GB.UTF-8"))
        #expect(change.reason == "generate en_GB.UTF-8")
        #expect(
            target.files.text(at: "/etc/locale.gen")
                == Self.list.replacing("#en_GB.UTF-8 UTF-8", with: "en_GB.UTF-8 UTF-8"))
        #expect(target.commands.log == ["locale-gen --keep-existing"])
    }

    @Test(arguments: ["en_GB.utf8", "en_GB.UTF8", "en_GB.utf-8"])
    func `utf8 is UTF8`(_ name: String) async throws {
        installLocales(list: "en_GB.UTF-8 UTF-8\n", archive: ["en_GB.utf8"])
        #expect(try await target.check(Locale.Available(name)) == .satisfied)
        #expect(target.commands.log.isEmpty)
    }

    @Test func `appends where there is no line and no newline`() async throws {
        installLocales(list: "de_DE.UTF-8 UTF-8")
        try await target.obeysLaw(Locale.Available("en_GB.UTF-8", "sr_RS@latin"))
        #expect(target.files.text(at: "/etc/locale.gen") == "de_DE.UTF-8 UTF-8\nen_GB.UTF-8 UTF-8\nsr_RS@latin UTF-8\n")
    }

    @Test func `a line is never duplicated`() async throws {
        let list = "  en_GB.UTF-8\tUTF-8  \n# en_GB.UTF-8 UTF-8\n"
        installLocales(list: list)
        try await target.obeysLaw(Locale.Available("en_GB.UTF-8"))
        #expect(target.files.text(at: "/etc/locale.gen") == list)
    }

    @Test func `a line in force is left where another is added`() async throws {
        installLocales(list: "# en_GB.UTF-8 UTF-8\nen_GB.UTF-8 UTF-8\n# de_DE.UTF-8 UTF-8\n")
        try await target.obeysLaw(Locale.Available("en_GB.UTF-8", "de_DE.UTF-8"))
        #expect(
            target.files.text(at: "/etc/locale.gen") == "# en_GB.UTF-8 UTF-8\nen_GB.UTF-8 UTF-8\nde_DE.UTF-8 UTF-8\n")
    }

    @Test func `a generated locale that is not listed is unmet`() async throws {
        installLocales(archive: ["en_GB.utf8"])
        let change = try await target.obeysLaw(Locale.Available("en_GB.UTF-8"))
        #expect(change.reason == "list en_GB.UTF-8 in /etc/locale.gen")
        #expect(target.commands.log.isEmpty)
    }

    @Test(arguments: [["en_GB"], ["en_GB.iso88591"], ["xen_GB.utf8"], ["en_GB.utf8@euro"]])
    func `near misses in the archive are no match`(_ archive: [String]) async throws {
        installLocales(list: "en_GB.UTF-8 UTF-8\n", archive: archive)
        #expect(try await target.check(Locale.Available("en_GB.UTF-8")).reason == "generate en_GB.UTF-8")
    }

    @Test func `the character set of the list counts`() async throws {
        installLocales()
        try await target.obeysLaw(Locale.Available("en_GB"))
        #expect(target.files.text(at: "/etc/locale.gen")?.contains("\nen_GB ISO-8859-1\n") == true)
        #expect(target.files.text(at: "/etc/locale.gen")?.contains("\n#en_GB.UTF-8 UTF-8\n") == true)
    }

    @Test func `the link to all locales is kept`() async throws {
        installLocales(archive: ["en_GB.utf8"])
        target.files.put("/etc/locale.gen", linkTo: "/usr/share/i18n/SUPPORTED")
        #expect(try await target.check(Locale.Available("en_GB.UTF-8")) == .satisfied)
    }

    @Test func `another link is refused`() async throws {
        installLocales()
        target.files.put("/etc/locale.gen", linkTo: "/etc/other")
        await #expect(throws: FileError.self) { try await target.check(Locale.Available("en_GB.UTF-8")) }
    }

    @Test func `an unknown locale is refused with the near ones`() async throws {
        installLocales()
        await #expect(
            throws: Failure("there is no locale en_GB.UTF-9", advice: "Of en_GB there are en_GB, en_GB.UTF-8.")
        ) {
            try await target.check(Locale.Available("en_GB.UTF-9"))
        }
    }

    @Test(arguments: [
        "", "en GB", "en_GB.UTF-8\nde_DE", "../x", "en_GB.", "en_GB@", "en_GB.UTF-8@a@b", "#en", "en_GB/UTF-8",
    ])
    func `an invalid name is refused`(_ name: String) async throws {
        installLocales()
        let before = target.files.snapshot
        #expect(Locale.Available(name).problems.count == 1 && Locale.Default(name).problems.count == 1)
        await #expect(throws: Failure.self) { try await target.check(Locale.Available(name)) }
        await #expect(throws: Failure.self) { try await target.check(Locale.Default(name)) }
        await #expect(throws: Failure.self) { try await Locale.Default(name).apply(on: target.machine) }
        #expect(target.files.snapshot == before)
    }

    @Test(arguments: ["C", "POSIX", "C.UTF-8", "C.utf8"])
    func `built in locales need nothing`(_ name: String) async throws {
        target.hasInstalled()
        #expect(try await target.check(Locale.Available(name)) == .satisfied)
        let host = Host("x", runs: Debian.self) { Locale.Available(name) }
        #expect(host.steps.count == 1)
    }

    @Test func `the plan is known before the package is installed`() async throws {
        target.hasInstalled()
        #expect(try await target.check(Locale.Available("en_GB.UTF-8")).reason == "generate en_GB.UTF-8")
        // Left by an earlier installation: the package makes it again.
        target.files.put("/etc/locale.gen", "en_GB.UTF-8 UTF-8\n")
        #expect(try await target.check(Locale.Available("en_GB.UTF-8")) == .unknown(until: "locales is installed"))
        #expect(try await target.check(Locale.Available("de_DE.UTF-8")).reason == "generate de_DE.UTF-8")
    }

    @Test func `an answer to debconf is heeded`() async throws {
        target.hasInstalled()
        target.files.put(
            "/var/cache/debconf/config.dat",
            "Name: locales/locales_to_be_generated\nTemplate: x\nValue: en_GB.UTF-8 UTF-8\n")
        #expect(try await target.check(Locale.Available("en_GB.UTF-8")).isUnknown)
    }

    @Test func `an archive of another format is read by glibc`() async throws {
        installLocales(list: "en_GB.UTF-8 UTF-8\n")
        target.files.put(
            "/usr/lib/locale/locale-archive", "something else, long enough to be an archive's header, and more")
        target.commands.program("locale", prints: "C\nPOSIX\nen_GB.utf8\n")
        #expect(try await target.check(Locale.Available("en_GB.UTF-8")) == .satisfied)
    }

    @Test func `generating nothing is a failure`() async throws {
        installLocales()
        target.commands.program("locale-gen")
        await #expect(throws: LawBroken.self) { try await target.obeysLaw(Locale.Available("en_GB.UTF-8")) }
    }
}

@Suite(.recorded) struct LocaleDefaultTests {
    let target = FakeMachine()
    init() { target.hasInstalled("locales") }

    @Test func `the default locale brings its locale and package`() {
        let host = Host("x", runs: Debian.self) { Locale.Default("en_GB.UTF-8", lc: ["LC_PAPER": "de_DE.utf8"]) }
        #expect(
            host.steps.map(\.path) == [
                "apt: locales", "locales available: de_DE.UTF-8, en_GB.UTF-8",
                "default locale en_GB.UTF-8, de_DE.UTF-8",
            ])
        #expect(host.steps[2].requirements.contains(1))
        #expect(host.steps[1].requirements == [0])
        #expect(host.conflicts.isEmpty)
    }

    @Test func `LANG is set and other settings are kept`() async throws {
        let before = "#  File generated by update-locale\nPATH=/bin\n"
        target.files.put("/etc/default/locale", before)
        let property = Locale.Default("en_GB.utf8", lc: ["LC_TIME": "en_DK.UTF-8"], language: "en_GB:en")
        #expect(
            try await target.obeysLaw(property).reason
                == "LANG unset → en_GB.UTF-8; LANGUAGE unset → en_GB:en; LC_TIME unset → en_DK.UTF-8")
        #expect(
            target.files.text(at: "/etc/default/locale") == before
                + "LANG=en_GB.UTF-8\nLANGUAGE=en_GB:en\nLC_TIME=en_DK.UTF-8\n")
        try await target.obeysLaw(property.reverted())
        #expect(target.files.text(at: "/etc/default/locale") == before)
    }

    @Test func `replaces in place and takes out the rest`() async throws {
        target.files.put(
            "/etc/default/locale", "LANG=de_DE.UTF-8\nX=1\nLC_ALL=C\nLANG=C\n# LANG=no\nLANGUAGE=\"de\"", mode: 0o640)
        let property = Locale.Default("en_GB.UTF-8")
        #expect(
            try await target.obeysLaw(property).reason == "LANG C → en_GB.UTF-8; LANGUAGE de → unset; LC_ALL C → unset")
        #expect(target.files.text(at: "/etc/default/locale") == "LANG=en_GB.UTF-8\nX=1\n# LANG=no\n")
        #expect(target.files["/etc/default/locale"]?.status.mode == 0o640)
    }

    @Test(arguments: [
        "LANG=en_GB.UTF-8", "LANG=\"en_GB.UTF-8\"\n", "  LANG='en_GB.UTF-8'\r\n", "#x\n\nLANG=en_GB.UTF-8\n",
    ])
    func `odd formatting holds`(_ text: String) async throws {
        target.files.put("/etc/default/locale", text)
        #expect(try await target.check(Locale.Default("en_GB.UTF-8")) == .satisfied)
    }

    @Test(arguments: [
        "#LANG=en_GB.UTF-8\n", "XLANG=en_GB.UTF-8\n", "LANG=en_GB.UTF-8x\n", "LANG=en_GB\n", "LANG=\n", "",
    ])
    func `near misses do not hold`(_ text: String) async throws {
        target.files.put("/etc/default/locale", text)
        #expect(try await target.check(Locale.Default("en_GB.UTF-8")).reason?.hasPrefix("LANG ") == true)
    }

    @Test func `trixie has it in locale conf`() async throws {
        target.isTrixie()
        target.files.put("/etc/default/locale", linkTo: "../locale.conf")
        target.files.put("/etc/locale.conf", "LANG=C.UTF-8\n")
        let before = target.files.snapshot
        try await target.obeysLaw(Locale.Default("en_GB.UTF-8"))
        #expect(target.files.text(at: "/etc/locale.conf") == "LANG=en_GB.UTF-8\n")
        #expect(target.files["/etc/default/locale"]?.destination == "../locale.conf")
        try await target.obeysLaw(Locale.Default("en_GB.UTF-8").reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `the file is made where the system looks for it`() async throws {
        target.files.put(directory: "/etc/default")
        try await target.obeysLaw(Locale.Default("C.UTF-8"))
        #expect(target.files.text(at: "/etc/default/locale") == "LANG=C.UTF-8\n")
        try await target.obeysLaw(Locale.Default("C.UTF-8").reverted())
        #expect(target.files["/etc/default/locale"] == nil)
        target.isTrixie()
        try await target.obeysLaw(Locale.Default("C.UTF-8"))
        #expect(target.files.text(at: "/etc/locale.conf") == "LANG=C.UTF-8\n")
    }

    @Test func `a link to elsewhere is refused`() async throws {
        target.files.put("/etc/default/locale", linkTo: "/tmp/x")
        await #expect(throws: Failure.self) { try await target.check(Locale.Default("en_GB.UTF-8")) }
    }

    @Test func `bad categories and languages are refused`() async throws {
        for property in [
            Locale.Default("C.UTF-8", lc: ["LC_ALL": "C"]), Locale.Default("C.UTF-8", lc: ["LC_TIME": "a b"]),
            Locale.Default("C.UTF-8", lc: ["LC_X\nY": "C"]), Locale.Default("C.UTF-8", language: "en\nX=1"),
            Locale.Default("C.UTF-8", language: ""),
        ] {
            #expect(property.problems.count == 1)
            await #expect(throws: Failure.self) { try await target.check(property) }
            await #expect(throws: Failure.self) { try await property.apply(on: target.machine) }
        }
        #expect(target.files.writes.isEmpty)
    }

    @Test func `an answer to debconf is heeded where there is no file yet`() async throws {
        target.hasInstalled()
        target.files.put(
            "/var/cache/debconf/config.dat", "Name: locales/default_environment_locale\nValue: en_GB.UTF-8\n")
        #expect(try await target.check(Locale.Default("en_GB.UTF-8")).isUnknown)
        target.files.put("/etc/default/locale", "")
        #expect(try await target.check(Locale.Default("en_GB.UTF-8")).reason == "LANG unset → en_GB.UTF-8")
    }
}
