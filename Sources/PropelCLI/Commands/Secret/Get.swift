import ArgumentParser
import Foundation
import Propel
import SecretStore

extension SecretCommand {
    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Decrypt a secret. To a pipe or a file go its very bytes; before it is shown on a terminal you are asked."
        )

        @OptionGroup var secret: SecretOptions
        @OptionGroup var passphrase: PassphraseOptions

        func run() async throws {
            try await reportingProblems {
                let checkout = try await Checkout.open()
                let stored = try secret.stored(in: checkout)
                let isShown = isatty(STDOUT_FILENO) == 1
                if isShown {
                    let session = Session(checkout)
                    session.interruption.listen { _ in }
                    guard try await session.prompter.confirm("Show \(stored.path) on this terminal?") else {
                        throw ExitStatus.failed
                    }
                }
                let bytes = try checkout.secretStore.decrypt(stored, passphrase: try passphrase.source())
                guard isShown else { return try bytes.write(to: STDOUT_FILENO) }
                guard bytes.isPlainText else {
                    throw UsageError(
                        description:
                            "\(stored.path) holds bytes that are no text, or that a terminal would obey\nWrite it to a file, or to a pipe: propel secret get \(stored.name)\(stored.context.option) | less"
                    )
                }
                try bytes.write(to: STDOUT_FILENO)
                if bytes.withUnsafeBytes({ $0.last != 0x0A }) { Terminal.output.print("") }
            }
        }
    }
}

extension SecretBytes {
    /// - Throws: `Errno`.
    func write(to descriptor: Int32) throws {
        _ = try withUnsafeBytes { try FileDescriptor(rawValue: descriptor).writeAll($0) }
    }

    /// Whether it is UTF-8 without any character that a terminal obeys but tabs and line ends.
    var isPlainText: Bool {
        withUnsafeBytes { bytes in
            var decoder = UTF8()
            var iterator = bytes.makeIterator()
            while true {
                switch decoder.decode(&iterator) {
                case .emptyInput: return true
                case .error: return false
                case .scalarValue(let scalar): if String(scalar).printable != String(scalar) { return false }
                }
            }
        }
    }
}
