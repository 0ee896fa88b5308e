import Propel
import PropelTesting
import Testing

/// A property with arguments of every kind.
private struct Sample: Property {
    typealias Target = UnixLike

    enum Level: Sendable { case low, high(Int) }
    struct Nested: Sendable {
        var path: FilePath = "/srv"
        var limits: [String: Int] = ["a": 1, "b": 2]
    }
    final class Reference: Sendable {}

    var name: String { "sample" }
    var text = "text"
    var number = 1
    var bytes: [UInt8] = [1, 2]
    var content: Content = "a\(Secret("s"))"
    var level = Level.high(1)
    var nested: Nested? = Nested()
    var tags: Set<String> = ["x", "y", "z"]
    var list = [1, 2]
    var duration = Duration.seconds(1)
    var other = "other"
    var port: UInt16 = 1
    var byte: Int8? = 1
    var wide: Int128 = 1
    var share = 0.5
    var part: Substring = "part"
    let function: @Sendable () -> Int = { 1 }
    let reference = Reference()
    var system: any UnixLikeName.Type = Reader.self

    func check(on machine: Machine) async throws -> Check { .satisfied }
    func apply(on machine: Machine) async throws {}
}

private protocol UnixLikeName: Sendable {}
private struct Reader: UnixLikeName {}
private struct Writer: UnixLikeName {}

private func host(@PropertyBuilder<Debian> _ properties: () -> [Declaration]) -> Host {
    Host("a", runs: Debian.self, properties)
}

@Suite struct StepOutlineTests {
    private func hash(_ change: (inout Sample) -> Void = { _ in }) -> [String] {
        var sample = Sample()
        change(&sample)
        return host { sample }.stepHashes
    }

    @Test func `the same property has the same hash`() { #expect(hash() == hash()) }

    @Test func `every argument counts`() {
        let changes: [(inout Sample) -> Void] = [
            { $0.text += " " }, { $0.number = 2 }, { $0.bytes.append(0) }, { $0.content = "b\(Secret("s"))" },
            { $0.content = "a\(Secret("t"))" }, { $0.level = .low }, { $0.level = .high(2) }, { $0.nested = nil },
            { $0.nested?.path = "/srv/b" }, { $0.nested?.limits["b"] = 3 }, { $0.nested?.limits["c"] = 3 },
            { $0.tags.insert("w") }, { $0.list.append(3) }, { $0.list.reverse() }, { $0.duration += .nanoseconds(1) },
            { $0.system = Writer.self }, { $0.port = 2 }, { $0.byte = -1 }, { $0.wide += 1 }, { $0.share = 0.25 },
            { $0.part = "p" },
            // What one argument loses another does not make up for.
            { sample in
                sample.text = ""
                sample.other = "textother"
            },
        ]
        let hashes = [hash()] + changes.map { hash($0) }
        #expect(Set(hashes.map(\.first)).count == hashes.count)
    }

    @Test func `the order of a set and of a dictionary means nothing`() {
        let keys = (0..<50).map { "key \($0)" }
        let reserved = Set(minimumCapacity: 4000, keys.reversed())
        var dictionary = [String: Int](minimumCapacity: 4000)
        for key in keys.reversed() { dictionary[key] = 1 }
        #expect(Array(reserved) != Array(Set(keys)))
        let plain = Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
        let sets = [reserved, Set(keys)].map { tags in hash { $0.tags = tags } }
        #expect(sets[0] == sets[1])
        let dictionaries = [dictionary, plain].map { limits in hash { $0.nested?.limits = limits } }
        #expect(dictionaries[0] == dictionaries[1])
    }

    @Test func `claims, names, requirements, actions and conditions count`() {
        struct Ring: Action {
            typealias Target = UnixLike
            var bell: String
            var name: String { "ring" }
            func perform(on machine: Machine) async throws {}
        }
        let hosts: [Host] = [
            host {
                Flag("a"); Flag("b")
            },
            host {
                Flag("b"); Flag("a")
            },
            host {
                Flag("a"); Flag("c")
            },
            host {
                Flag("a"); Flag("b").named("c")
            },
            host {
                Flag("a"); Flag("b").requires(Flag("a"))
            },
            host {
                Flag("a"); Flag("b", claims: [Claim("x", is: "1")])
            },
            host {
                Flag("a"); Flag("b", claims: [Claim("x", is: "2", summary: "1")])
            },
            host {
                Flag("a"); Flag("b", ports: [80])
            },
            host {
                Flag("a"); Flag("b").onChange(Ring(bell: "x"))
            },
            host {
                Flag("a"); Flag("b").onChange(Ring(bell: "y"))
            },
            host {
                Flag("a"); WhenOS(Debian.self) { Flag("b") }
            }, host { Flag("a") },
        ]
        #expect(Set(hosts.map(\.stepHashes)).count == hosts.count)
    }

    @Test func `a secret is there by its name`() throws {
        let parts = host { Sample() }.outlines[0].parts
        let content = try #require(parts.first { $0.label == "content" })
        #expect(content.value == "content with the secrets s")
    }
}

extension Set {
    fileprivate init(minimumCapacity: Int, _ elements: [Element]) {
        self.init(minimumCapacity: minimumCapacity)
        formUnion(elements)
    }
}
extension Dictionary {
    fileprivate init(minimumCapacity: Int) {
        self.init()
        reserveCapacity(minimumCapacity)
    }
}
