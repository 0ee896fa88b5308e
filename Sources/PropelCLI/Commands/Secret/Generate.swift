import ArgumentParser
import Propel
import SecretStore

extension SecretCommand {
    struct Generate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a random secret of letters, digits, `-` and `_`, six bits of chance each. It is not shown.")

        @OptionGroup var secret: SecretOptions

        @Option(help: "How many characters.")
        var length = 32

        @Flag(help: "Write it also where there is one already.")
        var replace = false

        func validate() throws {
            guard (8...4096).contains(length) else { throw ValidationError("--length takes a number from 8 to 4096") }
        }

        func run() async throws {
            try await reportingProblems {
                let checkout = try await Checkout.open()
                let context = try checkout.contextNames.context(secret.context)
                let store = checkout.secretStore
                let bytes = try SecretBytes(randomCharacters: length)
                try store.encrypt(bytes, as: secret.name, for: context, replacing: replace ? .anything : .nothing)
                    .tellWritten(by: store)
            }
        }
    }
}

extension SecretBytes {
    /// Of 64 characters that no shell, URL or configuration file takes for anything else. They are from the system's random
    /// source (getrandom(2)).
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
