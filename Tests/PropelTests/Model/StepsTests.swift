import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct StepsTests {
    let fake = FakeMachine()

    @Test func `a property declared twice is one step`() {
        let host = fake.host {
            Flag("a")
            PropertyGroup("group") { Flag("a") }
        }
        #expect(host.steps.map(\.path) == ["a"])
    }

    @Test func `properties with one name and two types are two steps`() {
        struct Other: Property {
            typealias Target = UnixLike
            var name: String { "a" }
            func check(on machine: Machine) async throws -> Check { .satisfied }
            func apply(on machine: Machine) async throws {}
        }
        let host = fake.host {
            Flag("a")
            Other()
        }
        #expect(host.steps.count == 2)
    }

    @Test func `the actions of both declarations are kept`() {
        let host = fake.host {
            Flag("a").onChange(Note("one"))
            Flag("a").onChange(Note("two"))
        }
        #expect(host.steps.map { $0.actions.map(\.name) } == [["one", "two"]])
    }

    @Test func `paths contain the groups around a property`() {
        let host = fake.host { PropertyGroup("outer") { PropertyGroup("inner") { Flag("a").named("renamed") } } }
        #expect(host.steps.map(\.path) == ["outer/inner/renamed"])
    }

    @Test func `control flow declares what it reaches`() {
        func host(_ flag: Bool) -> Host {
            fake.host {
                if flag { Flag("then") } else { Flag("else") }
                if flag { Flag("optional") }
                for name in ["x", "y"] { Flag(name) }
            }
        }
        #expect(host(true).steps.map(\.path) == ["then", "optional", "x", "y"])
        #expect(host(false).steps.map(\.path) == ["else", "x", "y"])
    }

    @Test func `the place of a property is its line`() {
        let first = #line + 2
        let host = fake.host {
            Flag("a")
            Flag("b")
                .named("c")
                .requires(Flag("d"))
            for _ in 0..<1 {
                if true {
                    Flag("e")
                }
            }
        }
        #expect(host.steps.map(\.place.line) == [first, first + 1, first + 1, first + 6])
        #expect(host.steps.allSatisfy { $0.place.description.hasPrefix("Sources/PropelTests/StepsTests.swift:") })
    }

    @Test func `the place of a part of the catalogue is where it is used`() {
        var step = fake.host { Flag("a") }.steps[0]
        #expect(SourcePlace(fileID: "Examples/Pi.swift", line: 3).description == "Sources/Hosts/Pi.swift:3")
        let own = SourcePlace(fileID: "Hosts/Pi.swift", line: 3)
        step.places = [own, SourcePlace(fileID: "Properties/Docker.swift", line: 9)]
        #expect(step.place == own)
    }

    @Suite struct Only {
        let fake = FakeMachine()

        var host: Host {
            fake.host {
                Flag("a")
                PropertyGroup("web") {
                    Flag("b").requires(Flag("c"))
                    Flag("d")
                }
                PropertyGroup("other") { Flag("d") }
            }
        }

        @Test func `a property is selected by its path`() {
            #expect(host.steps(only: ["web/d"]).map(\.path) == ["web/d"])
        }

        @Test func `a group is selected by its name, with its requirements`() {
            #expect(host.steps(only: ["web"]).map(\.path) == ["web/c", "web/b", "web/d"])
        }

        @Test func `requirements are kept in order`() {
            let steps = host.steps(only: ["b"])
            #expect(steps.map(\.path) == ["web/c", "web/b"])
            #expect(steps.map(\.requirements) == [[], [0]])
        }

        @Test func `a group selects a property that another group declared first`() {
            #expect(host.steps(only: ["other"]).map(\.path) == ["web/d"])
            #expect(host.steps(only: ["other/d"]).map(\.path) == ["web/d"])
        }

        @Test func `without names all steps are selected`() {
            #expect(host.steps(only: []).count == host.steps.count)
        }

        @Test func `unknown names are found`() {
            #expect(host.unknownNames(in: ["web", "we", "d", "web/x"]) == ["we", "web/x"])
        }

        @Test func `a restricted run touches nothing else`() async {
            await fake.enforce(host, only: ["a"])
            #expect(fake.isSet("a") && !fake.isSet("b") && !fake.isSet("d"))
        }
    }

    @Suite struct ConditionTests {
        let fake = FakeMachine()

        @Test func `properties for other machines are skipped`() async {
            let reports = await fake.enforce {
                WhenOS(Debian.self, release: 13) { Flag("trixie") }
                WhenOS(Debian.self, release: 12) { Flag("bookworm") }
                WhenOS(Ubuntu.self) { Flag("ubuntu") }
                WhenOS(DebianLike.self) { Flag("like") }
            }
            #expect(
                reports.statuses == [
                    "on Debian 12/bookworm": .changed, "on a Debian-like system/like": .changed,
                ])
        }

        @Test func `nested conditions must all be met`() async {
            let reports = await fake.enforce {
                WhenOS(Debian.self) { WhenOS(Debian.self, release: 13) { Flag("a") } }
                WhenOS(Ubuntu.self) { WhenOS(Ubuntu.self) { Flag("b") } }
            }
            #expect(reports.all.isEmpty)
        }

        @Test func `the same property for two systems is applied on each`() async {
            let reports = await fake.enforce {
                WhenOS(Debian.self, release: 13) { Flag("a").requires(Flag("b")) }
                WhenOS(Debian.self, release: 12) { Flag("a") }
            }
            #expect(reports["on Debian 12/a"]?.status == .changed)
            #expect(!fake.isSet("b"))
        }

        @Test func `a requirement on another system does not apply here`() async {
            let reports = await fake.enforce {
                WhenOS(Debian.self, release: 13) { Flag("a").requires(Flag("b")) }
                Flag("a")
            }
            #expect(reports["a"]?.status == .changed)
        }

        @Test func `a property for other machines does not delay an action`() async {
            let reports = await fake.enforce {
                WhenOS(Debian.self, release: 12) { Flag("a").onChange(Note("restart")) }
                WhenOS(Debian.self, release: 13) { Flag("b").onChange(Note("restart")) }
            }
            #expect(reports["restart"]?.status == .changed)
        }

        @Test func `Raspberry Pi OS is distinguished from Debian`() async {
            let host = fake.host { WhenOS(RaspberryPiOS.self) { Flag("a") } }
            #expect(await fake.plan(host).all.isEmpty)
            fake.files.put("/etc/rpi-issue", "Raspberry Pi reference 2024-07-04\n")
            #expect(await fake.plan(host).all.map(\.status) == [.wouldChange])
        }
    }
}
