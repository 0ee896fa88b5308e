import ArgumentParser
import Foundation
import Propel
import SecretStore

struct SecretGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Decrypt a secret. A pipe or a file gets its bytes unchanged; a terminal shows it after a question.")

    @OptionGroup var secret: SecretOptions
    @OptionGroup var passphrase: PassphraseOptions
    @Flag(name: .long, help: "Print a JSON object with the bytes in base64, for programs.")
    var json = false

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
            if json { return try bytes.jsonLine(stored.jsonMembers).write(to: STDOUT_FILENO) }
            guard isShown else { return try bytes.write(to: STDOUT_FILENO) }
            guard bytes.isPlainText else {
                throw UsageError(
                    description:
                        "\(stored.path) contains bytes that are not text, or that control a terminal\nWrite it to a "
                        + "file, or to a pipe: propel secret get \(stored.name)\(stored.context.option) | less"
                )
            }
            try bytes.write(to: STDOUT_FILENO)
            if bytes.withUnsafeBytes({ $0.last != 0x0A }) { Terminal.output.print("") }
        }
    }
}

extension SecretBytes {
    /// - Throws: `Errno`.
    func write(to descriptor: Int32) throws {
        _ = try withUnsafeBytes { try FileDescriptor(rawValue: descriptor).writeAll($0) }
    }

    /// Whether it is UTF-8 without control characters except tab and newline.
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

    /// A line of JSON with these members and the bytes in base64. No String holds the value: it could not be wiped.
    func jsonLine(_ members: [String: JSON?]) throws -> SecretBytes {
        let line = JSON.line("secret-value", members.merging(["encoding": "base64"]) { $1 })
        // The value becomes the last member of the object.
        let head = Array("\(line)".utf8.dropLast()) + Array(#","value":""#.utf8), tail = Array("\"}\n".utf8)
        let encodedCount = (count + 2) / 3 * 4
        return try SecretBytes(capacity: head.count + encodedCount + tail.count) { memory in
            var index = 0
            func append(_ byte: UInt8) {
                memory[index] = byte
                index += 1
            }
            head.forEach(append)
            withUnsafeBytes { bytes in Self.encodeBase64(bytes, append) }
            tail.forEach(append)
            return index
        }
    }

    private static func encodeBase64(_ bytes: UnsafeRawBufferPointer, _ append: (UInt8) -> Void) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            let group = (0..<3).reduce(0) { $0 << 8 | ($1 < count ? Int(bytes[start + $1]) : 0) }
            for place in 0..<4 {
                append(place <= count ? alphabet[group >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
    }
}
