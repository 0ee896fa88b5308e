import Testing

@testable import Sandbox

@Suite struct AptSourcesTests {
    @Test func `the one-line style is read`() {
        let entries = AptSources.oneLine(
            """
            # deb http://commented.example/debian bookworm main
            deb http://mirror.example/debian bookworm main contrib # why
            deb-src http://mirror.example/debian bookworm main
              deb [arch=amd64 signed-by=/etc/apt/keyrings/a.gpg] https://mirror.example/debian-security  \
            bookworm-security main
            deb http://short.example/debian bookworm
            """)
        #expect(
            entries == [
                .init(uri: "http://mirror.example/debian", suites: ["bookworm"], components: ["main", "contrib"]),
                .init(
                    uri: "https://mirror.example/debian-security", suites: ["bookworm-security"], components: ["main"]),
            ])
    }

    @Test func `the deb822 style is read`() {
        let entries = AptSources.deb822(
            """
            # a comment
            Types: deb deb-src
            URIs: http://mirror.example/debian
            # between fields
            Suites: bookworm
             bookworm-updates
            Components: main

            Types: deb
            Enabled: no
            URIs: http://off.example/debian
            Suites: bookworm
            Components: main
            \("  ")
            types: deb-src
            URIs: http://source.example/debian
            Suites: bookworm
            Components: main
            """)
        #expect(
            entries == [
                .init(
                    uri: "http://mirror.example/debian", suites: ["bookworm", "bookworm-updates"], components: ["main"])
            ])
    }

    @Test func `archives of other vendors do not count as Debian`() throws {
        let sources = try AptSources([
            .init(uri: "cdrom:[Debian]/", suites: ["bookworm"], components: ["main"]),
            .init(uri: "https://other.example/linux", suites: ["bookworm"], components: ["main"]),
            .init(uri: "https://other.example/linux/debian", suites: ["bookworm"], components: ["stable"]),
            .init(uri: "http://mirror.example/debian/", suites: ["bookworm"], components: ["main"]),
            .init(uri: "http://mirror.example/security", suites: ["bookworm-security"], components: ["main"]),
        ])
        #expect(
            sources.lines(for: .trixie) == [
                "deb http://mirror.example/debian/ trixie main",
                "deb http://mirror.example/debian/ trixie-updates main",
                "deb http://mirror.example/security trixie-security main",
            ])
    }

    @Test func `no mirror is an error`() {
        #expect(throws: SandboxError.noMirror) {
            try AptSources([.init(uri: "file:/srv/debian", suites: ["bookworm"], components: ["main"])])
        }
    }
}
