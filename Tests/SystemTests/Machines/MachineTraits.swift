import Sandbox
import Testing
import Vocabulary

/// A test that makes machines. They are removed at its end, last first; if it failed their logs are kept.
struct MachinesTrait: TestTrait, TestScoping {
    /// Makes what the test finds at its start.
    fileprivate let prepare: @Sendable (_ body: @Sendable () async throws -> Void) async throws -> Void

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await MachineSlots.all.with {
            try await CleanUp.around(test) { try await prepare(function) }
        }
    }
}

extension Trait where Self == MachinesTrait {
    /// Machines that the test makes with `TestMachine.up`, `ShopMachine.up` or `Sandbox.forTest`.
    static var machines: MachinesTrait { MachinesTrait { try await $0() } }

    /// A machine with a configuration that describes it: `TestMachine.current`.
    /// - Parameter keys: the lines of its entry in hosts.conf besides its role.
    static func machine(
        role: String = "demo", with keys: String = "", suite: DebianRelease = .bookworm
    ) -> MachinesTrait {
        MachinesTrait { body in
            let machine = try await TestMachine.up(role: role, keys: keys, suite: suite)
            try await TestMachine.$ofTest.withValue(machine) { try await body() }
        }
    }

    /// A sandbox without a configuration: `Sandbox.current`.
    static func sandbox(_ suite: DebianRelease = .bookworm) -> MachinesTrait {
        MachinesTrait { body in
            let sandbox = try await Sandbox.forTest(suite)
            try await Sandbox.$ofTest.withValue(sandbox) { try await body() }
        }
    }
}

extension Sandbox {
    @TaskLocal fileprivate static var ofTest: Sandbox?

    /// The machine of a test with the trait `.sandbox()`.
    static var current: Sandbox {
        get throws {
            guard let ofTest else { throw Unexpected("the test needs the trait .sandbox()") }
            return ofTest
        }
    }

    /// Boots a machine that the end of the test removes.
    /// - Parameter packages: those that it has from the start; none by default.
    static func forTest(
        named name: String = uniqueName(), _ suite: DebianRelease = .bookworm, packages: [String] = []
    ) async throws -> Sandbox {
        try CleanUp.current.add(name, log: { await log(of: name) }) {
            // The test may have removed it.
            if try list().contains(where: { $0.name == name }) { try await down(name) }
        }
        return try await up(name, suite: suite, packages: packages)
    }

    /// What its services and Propel's runs wrote; nil if it does not answer.
    private static func log(of name: String) async -> String? {
        try? await running(name)?.ssh(
            """
            journalctl --no-pager --boot
            for journal in /var/lib/propel/runs/*/journal; do echo "== $journal"; cat "$journal"; done
            """)
    }
}
