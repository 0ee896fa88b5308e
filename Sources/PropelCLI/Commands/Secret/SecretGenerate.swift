import ArgumentParser
import Propel
import SecretStore

struct SecretGenerate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract:
            "Create a random secret of letters, digits, `-` and `_`, with 6 bits of entropy each. It is not shown."
    )

    @OptionGroup var secret: SecretOptions

    @Option(help: "The number of characters.")
    var length = 32

    @Flag(help: "Replace a secret that exists.")
    var replace = false

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard (8...4096).contains(length) else { throw ValidationError("--length takes a number from 8 to 4096") }
    }

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let context = try checkout.contextNames.context(secret.context)
            let store = checkout.secretStore
            let bytes = try SecretBytes(randomCharacters: length)
            let stored = try store.encrypt(
                bytes, as: secret.name, for: context, replacing: replace ? .anything : .nothing)
            format.format.print(try store.writtenReport(on: stored))
        }
    }
}

extension SecretBytes {
    /// Random characters, of 64 that have no special meaning in a shell, a URL or a configuration file. They come
    /// from the system's random source (getrandom(2)).
    convenience init(randomCharacters count: Int) throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var generator = SystemRandomNumberGenerator()
        try self.init(capacity: count) { memory in
            for index in memory.indices {
                memory[index] = alphabet[Int.random(in: alphabet.indices, using: &generator)]
            }
            return count
        }
    }
}
