import PropelTesting
import Properties

/// nft(8) as far as these tests need it: the table of Propel in the kernel, which a reboot empties.
struct FakeNft: Sendable {
    /// The rules in the kernel, as a file.
    static let kernel: FilePath = "/run/fake-nft"
    private static let listed = "listed: "

    let fake: FakeMachine

    @discardableResult
    init(_ fake: FakeMachine) {
        self.fake = fake
        fake.commands.program("/usr/sbin/nft") { [self] command in
            switch command.arguments.first {
            case "--check":
                guard let file = fake.files.text(at: FilePath(command.arguments[2])) else { return .failing() }
                return file.contains("refused") ? .failing(1, "Error: syntax error\n") : .printing()
            case "--file" where command.arguments[1] == "-":
                // The table is deleted, and perhaps made again as it was listed.
                let input = String(decoding: command.input, as: UTF8.self)
                rules = input.firstRange(of: Self.listed).map { String(input[$0.upperBound...]) }
            case "--file": rules = fake.files.text(at: FilePath(command.arguments[1]))
            default:
                guard let rules else { return .failing(1, "Error: No such file or directory\n") }
                return .printing("\(Self.listed)\(rules)")
            }
            return .printing()
        }
    }

    /// The rules in the kernel; nil if there is no table.
    var rules: String? {
        get { fake.files.text(at: Self.kernel) }
        nonmutating set {
            if let newValue { fake.files.put(Self.kernel, newValue) } else { try? fake.files.remove(Self.kernel) }
        }
    }
}
