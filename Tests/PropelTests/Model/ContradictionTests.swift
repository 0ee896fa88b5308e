import Propel
import PropelTesting
import Testing

@Suite struct ContradictionTests {
    let fake = FakeMachine()

    private func file(_ path: FilePath, _ content: String, named name: String? = nil) -> Flag {
        Flag(
            name ?? "file \(path)",
            claims: [.path(path, is: "file \(content)", summary: "a file of \(content.utf8.count) bytes")])
    }

    @Test func twoContentsOfOnePathAreAContradictionWithBothPlaces() throws {
        let line = #line + 2
        let host = fake.host {
            file("/etc/motd", "one")
            PropertyGroup("group") { file("/etc/motd", "three") }
        }
        let contradiction = try #require(host.contradictions.first)
        #expect(host.contradictions.count == 1)
        #expect(contradiction.subject == "the path /etc/motd")
        #expect([contradiction.firstPlace.line, contradiction.secondPlace.line] == [line, line + 1])
        #expect(
            contradiction.description == """
                two properties contradict each other about the path /etc/motd:
                  Sources/PropelTests/ContradictionTests.swift:\(line): file /etc/motd (a file of 3 bytes)
                  Sources/PropelTests/ContradictionTests.swift:\(line + 1): group/file /etc/motd (a file of 5 bytes)
                """)
    }

    @Test func theSameContentTwiceIsNone() {
        let host = fake.host {
            file("/etc/motd", "one")
            file("/etc/motd", "one")
            file("/etc/motd", "one", named: "the message of the day")
        }
        #expect(host.contradictions.isEmpty)
    }

    @Test func pathsThatAreWrittenDifferentlyAreOnePath() {
        let host = fake.host {
            file("/etc/motd", "one")
            file("/etc//./motd", "two", named: "other")
        }
        #expect(host.contradictions.count == 1)
    }

    @Test func aFileAndADirectoryAtOnePathAreAContradiction() {
        let host = fake.host {
            file("/srv", "one")
            Flag("directory /srv", claims: [.path("/srv", is: "directory", summary: "a directory")])
        }
        #expect(host.contradictions.count == 1)
    }

    @Test func aPackageInstalledAndAbsentIsAContradiction() {
        let host = fake.host {
            Flag("git", claims: [Claim("the package git", is: "installed")])
            Flag("no git", claims: [Claim("the package git", is: "absent")])
        }
        #expect(host.contradictions.map(\.subject) == ["the package git"])
    }

    @Test func twoOwnersOfOnePortAreAContradiction() {
        let host = fake.host {
            Flag("nginx", ports: [Port(80)])
            Flag("apache", ports: [Port(80), Port(443)])
            Flag("resolver", ports: [Port(443, transport: "udp")])
        }
        #expect(host.contradictions.map(\.subject) == ["the port 80/tcp"])
    }

    @Test func aPropertyAndItsReversalAreAContradiction() {
        let host = fake.host {
            file("/etc/motd", "one")
            file("/etc/motd", "one").reverted()
        }
        #expect(host.contradictions.count == 1)
    }

    @Test func twoIntervalsOfOneActionAreAContradiction() {
        let host = fake.host {
            Note("refresh").periodically(every: .minutes(60))
            Note("refresh").periodically(every: .minutes(90))
        }
        #expect(host.contradictions.count == 1)
    }

    @Test func propertiesForTwoSystemsDoNotContradictEachOther() {
        let host = fake.host {
            WhenOS(Debian.self, release: 12) { file("/etc/motd", "one") }
            WhenOS(Debian.self, release: 13) { file("/etc/motd", "two") }
        }
        #expect(host.contradictions.isEmpty)
    }

    @Test func propertiesForEveryMachineAndForSomeDo() {
        let host = fake.host {
            file("/etc/motd", "one")
            WhenOS(Debian.self, release: 13) { file("/etc/motd", "two") }
        }
        #expect(host.contradictions.count == 1)
    }
}
