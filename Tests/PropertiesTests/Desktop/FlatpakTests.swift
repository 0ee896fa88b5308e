import PropelTesting
import Properties
import Testing

@Suite struct FlatpakTests {
    private let fake = FakeMachine()
    private let flathub = Flatpak.Remote("flathub", "https://dl.flathub.org/repo/flathub.flatpakrepo")

    init() {
        fake.hasInstalled("flatpak")
        fake.runsProgramsOfPi()
        fake.commands.program("flatpak") { [fake] command in
            let words = command.arguments
            let root: FilePath = words.contains("--user") ? "/home/pi/.local/share/flatpak" : "/var/lib/flatpak"
            let application = root.appending("app").appending(words.last ?? "")
            switch words[0] {
            case "install": fake.files.put(application.appending("current"), linkTo: "x86_64/stable")
            case "uninstall": try fake.files.deleteTree(application)
            case "remote-add":
                fake.files.put(
                    root.appending("repo/config"),
                    "[core]\nrepo_version=1\n\n[remote \"\(words[2])\"]\nurl=https://dl.flathub.org/repo/\n")
            default: fake.files.put(root.appending("repo/config"), "[core]\n")
            }
            return .printing()
        }
    }

    @Test func `an application is installed and uninstalled`() async throws {
        let vlc = Flatpak("org.videolan.VLC", from: "flathub")
        #expect(try await fake.obeysLaw(flathub).reason == "add https://dl.flathub.org/repo/flathub.flatpakrepo")
        #expect(try await fake.obeysLaw(vlc).reason == "install from flathub")
        #expect(try await fake.obeysLaw(vlc.reverted()).reason == "uninstall")
        try await fake.obeysLaw(flathub.reverted())
        #expect(
            fake.commands.log == [
                "flatpak remote-add --system flathub https://dl.flathub.org/repo/flathub.flatpakrepo",
                "flatpak install --noninteractive --assumeyes --system flathub org.videolan.VLC",
                "flatpak uninstall --noninteractive --assumeyes --system org.videolan.VLC",
                "flatpak remote-delete --system flathub",
            ])
    }

    @Test func `a user has it in the home`() async throws {
        let mine = Flatpak("org.videolan.VLC", from: "flathub", user: "pi")
        try await fake.obeysLaw(mine)
        #expect(
            fake.commands.log == [
                "runuser --user pi -- flatpak install --noninteractive --assumeyes --user flathub org.videolan.VLC"
            ])
        #expect(try await fake.check(Flatpak("org.videolan.VLC", from: "flathub")).reason == "install from flathub")
        #expect(try await fake.check(Flatpak("a.b", from: "flathub", user: "anna")).isUnknown)
        #expect(try await fake.checkReverted(Flatpak("a.b", from: "flathub", user: "anna")) == .satisfied)
    }

    @Test func `a near miss is not it`() async throws {
        fake.files.put("/var/lib/flatpak/app/org.videolan.VLC.Plugin/current", "")
        fake.files.put(directory: "/var/lib/flatpak/app/org.videolan.VLC")
        #expect(try await fake.check(Flatpak("org.videolan.VLC", from: "flathub")).reason == "install from flathub")
        fake.files.put("/var/lib/flatpak/repo/config", "#[remote \"flathub\"]\n[remote \"flathub-beta\"]\n")
        #expect(try await fake.check(flathub).reason != nil)
        fake.files.put("/var/lib/flatpak/runtime/org.gnome.Platform/x86_64/47", "")
        #expect(try await fake.check(Flatpak("org.gnome.Platform", from: "flathub")) == .satisfied)
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `an install without effect has failed`() async throws {
        fake.commands.program("flatpak")
        await #expect(throws: LawBroken.self) {
            try await fake.obeysLaw(Flatpak("org.videolan.VLC", from: "flathub"))
        }
    }

    static let flawed: [any Property] = [
        Flatpak("vlc", from: "flathub"), Flatpak("", from: "flathub"), Flatpak("org..x", from: "flathub"),
        Flatpak("-a.b", from: "flathub"), Flatpak("a.b", from: ""), Flatpak("a.b", from: "-x"),
        Flatpak("a.b", from: "x", user: "a:b"), Flatpak.Remote("x", "http://example.com"),
        Flatpak.Remote("a b", "https://example.com"), Flatpak.Remote("x", "https://a b"),
    ]

    @Test(arguments: flawed.indices) func `an invalid declaration is a problem, and starts no program`(
        _ index: Int
    ) async throws {
        let property = Self.flawed[index]
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }
}
