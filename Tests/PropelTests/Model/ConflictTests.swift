import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct ConflictTests {
    let fake = FakeMachine()

    private func file(_ path: FilePath, _ content: String, named name: String? = nil) -> Flag {
        Flag(
            name ?? "file \(path)",
            claims: [.path(path, is: "file \(content)", summary: "a file of \(content.utf8.count) bytes")])
    }

    @Test func `two contents of one path conflict, with both places`() throws {
        let line = #line + 2
        let host = fake.host {
            file("/etc/motd", "one")
            PropertyGroup("group") { file("/etc/motd", "three") }
        }
        let conflict = try #require(host.conflicts.first)
        #expect(host.conflicts.count == 1)
        #expect(conflict.subject == "the path /etc/motd")
        #expect([conflict.firstPlace.line, conflict.secondPlace.line] == [line, line + 1])
        #expect(
            conflict.description == """
                two properties conflict about the path /etc/motd:
                  Sources/PropelTests/ConflictTests.swift:\(line): file /etc/motd (a file of 3 bytes)
                  Sources/PropelTests/ConflictTests.swift:\(line + 1): group/file /etc/motd (a file of 5 bytes)
                """)
    }

    @Test func `the same content twice is no conflict`() {
        let host = fake.host {
            file("/etc/motd", "one")
            file("/etc/motd", "one")
            file("/etc/motd", "one", named: "the message of the day")
        }
        #expect(host.conflicts.isEmpty)
    }

    @Test func `different spellings of a path are one path`() {
        let host = fake.host {
            file("/etc/motd", "one")
            file("/etc//./motd", "two", named: "other")
        }
        #expect(host.conflicts.count == 1)
    }

    @Test func `a file and a directory at one path conflict`() {
        let host = fake.host {
            file("/srv", "one")
            Flag("directory /srv", claims: [.path("/srv", is: "directory", summary: "a directory")])
        }
        #expect(host.conflicts.count == 1)
    }

    @Test func `a package installed and absent conflicts`() {
        let host = fake.host {
            Flag("git", claims: [Claim("the package git", is: "installed")])
            Flag("no git", claims: [Claim("the package git", is: "absent")])
        }
        #expect(host.conflicts.map(\.subject) == ["the package git"])
    }

    @Test func `two owners of one port conflict`() {
        let host = fake.host {
            Flag("nginx", ports: [Port(80)])
            Flag("apache", ports: [Port(80), Port(443)])
            Flag("resolver", ports: [Port(443, transport: "udp")])
        }
        #expect(host.conflicts.map(\.subject) == ["the port 80/tcp"])
    }

    @Test func `a property and its revert conflict`() {
        let host = fake.host {
            file("/etc/motd", "one")
            file("/etc/motd", "one").reverted()
        }
        #expect(host.conflicts.count == 1)
    }

    @Test func `two intervals of one action conflict`() {
        let host = fake.host {
            Note("refresh").periodically(every: .minutes(60))
            Note("refresh").periodically(every: .minutes(90))
        }
        #expect(host.conflicts.count == 1)
    }

    @Test func `properties for different systems do not conflict`() {
        let host = fake.host {
            WhenOS(Debian.self, release: 12) { file("/etc/motd", "one") }
            WhenOS(Debian.self, release: 13) { file("/etc/motd", "two") }
        }
        #expect(host.conflicts.isEmpty)
    }

    @Test func `properties for every machine and for some machines conflict`() {
        let host = fake.host {
            file("/etc/motd", "one")
            WhenOS(Debian.self, release: 13) { file("/etc/motd", "two") }
        }
        #expect(host.conflicts.count == 1)
    }
}
