import Propel
import PropelTesting
import RecordedOperations
import Testing

/// A property that is applied with others by one `install NAME…`, which fails as a whole if a name is not available.
private struct Package: Batchable {
    typealias Target = UnixLike
    var name: String
    var batch = "packages"

    init(_ name: String, batch: String = "packages") {
        self.name = name
        self.batch = batch
    }

    func check(on machine: Machine) async throws -> Check {
        try machine.files.status(of: Flag.path(name)) == nil ? .unmet("install \(name)") : .satisfied
    }

    func apply(with others: [any Batchable], on machine: Machine) async throws {
        let names = [name] + others.map(\.name)
        try await machine.succeed(Invocation("install", names))
    }
}

@Suite(.recorded) struct BatchTests {
    let fake = FakeMachine()

    init() {
        fake.commands.program("install") { [fake] command in
            guard !command.arguments.contains(where: { $0.hasPrefix("missing") }) else {
                return .failing(100, "no such package")
            }
            for name in command.arguments where !name.hasPrefix("ignored") { fake.put(flag: name) }
            return .printing()
        }
    }

    @Test func `members are applied in one transaction and all reported as changed`() async {
        let reports = await fake.enforce {
            Package("a")
            Flag("between")
            Package("b")
            PropertyGroup("group") { Package("c") }
        }
        #expect(fake.commands.log == ["install a b c"])
        #expect(reports.statuses == ["a": .changed, "between": .changed, "b": .changed, "group/c": .changed])
        #expect(reports["b"]?.detail == "install b")
    }

    @Test func `satisfied members are left out of the transaction`() async {
        fake.put(flag: "b")
        let reports = await fake.enforce {
            Package("a")
            Package("b")
        }
        #expect(fake.commands.log == ["install a"])
        #expect(reports.statuses == ["a": .changed, "b": .ok])
    }

    @Test func `batches with different names are separate transactions`() async {
        await fake.enforce {
            Package("a")
            Package("b", batch: "other")
            Package("c")
        }
        #expect(fake.commands.log == ["install a c", "install b"])
    }

    @Test func `a member that fails does not fail the others`() async {
        let reports = await fake.enforce {
            Package("a")
            Package("missing")
            Package("b")
        }
        #expect(reports.statuses == ["a": .changed, "missing": .failed, "b": .changed])
    }

    @Test func `if the first member fails the others are applied together`() async {
        let reports = await fake.enforce {
            Package("missing")
            Package("a")
            Package("b")
        }
        #expect(reports.statuses == ["missing": .failed, "a": .changed, "b": .changed])
        #expect(fake.commands.log == ["install missing a b", "install missing", "install a b"])
    }

    @Test func `a member that the transaction leaves out is applied alone`() async {
        let reports = await fake.enforce {
            Package("a")
            Package("ignored")
        }
        #expect(fake.commands.log == ["install a ignored", "install ignored"])
        #expect(reports.statuses == ["a": .changed, "ignored": .failed])
    }

    @Test func `a member with a requirement in between waits`() async {
        await fake.enforce {
            Package("a")
            Package("b").requires(Flag("source"))
            Package("c")
        }
        #expect(fake.commands.log == ["install a c", "install b"])
    }

    @Test func `a member with a satisfied requirement does not wait`() async {
        await fake.enforce {
            Flag("source")
            Package("a")
            Package("b").requires(Flag("source"))
        }
        #expect(fake.commands.log == ["install a b"])
    }

    @Test func `a member that requires another waits for it`() async {
        let reports = await fake.enforce {
            Package("b").requires(Package("a"))
            Package("c")
        }
        #expect(fake.commands.log == ["install a c", "install b"])
        #expect(reports.statuses == ["a": .changed, "b": .changed, "c": .changed])
    }

    @Test func `a member with a failed requirement is in no transaction`() async {
        let reports = await fake.enforce {
            Flag.failing("source")
            Package("a")
            Package("b").requires(Flag.failing("source"))
        }
        #expect(fake.commands.log == ["install a"])
        #expect(reports["b"]?.status == .skipped)
    }

    @Test func `the actions of all members are recorded before the transaction`() async {
        fake.commands.program("install") { [fake] _ in
            #expect(fake.files["/var/lib/propel/pending/one"] != nil)
            #expect(fake.files["/var/lib/propel/pending/two"] != nil)
            return .failing()
        }
        await fake.enforce {
            Package("a").onChange(Note("one"))
            Package("b").onChange(Note("two"))
        }
        #expect(!fake.commands.log.isEmpty)
    }

    @Test func `the plan of a batch is what the run does`() async {
        let host = fake.host {
            Package("a")
            Package("b").onChange(Note("restart"))
        }
        #expect(await fake.plan(host).statuses == ["a": .wouldChange, "b": .wouldChange, "restart": .wouldChange])
        #expect(fake.commands.log.isEmpty)
        #expect(await fake.enforce(host).statuses == ["a": .changed, "b": .changed, "restart": .changed])
    }
}
