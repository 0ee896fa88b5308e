import ArgumentParser
import Foundation
import Propel
import SecretStore

/// The source of the passphrase of the deployer's key.
struct PassphraseOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Read the passphrase of your key from this file descriptor, up to a newline, instead of asking.",
            valueName: "n"))
    var passphraseFd: Int32?

    func source() throws -> PassphraseSource {
        guard let passphraseFd else { return .agent }
        guard passphraseFd >= 0, fcntl(passphraseFd, F_GETFD) >= 0 else {
            throw UsageError(
                description:
                    "--passphrase-fd \(passphraseFd): there is no such file descriptor\nOpen it in the shell: "
                    + "propel HOST --passphrase-fd 3 3< FILE"
            )
        }
        return .given(try Self.line(from: passphraseFd))
    }

    /// The longest passphrase that GnuPG accepts, in bytes.
    private static let limit = 255

    private static func line(from descriptor: Int32) throws -> SecretBytes {
        try SecretBytes(capacity: limit) { memory in
            var count = 0
            while count < memory.count, let start = memory.baseAddress {
                let read = read(descriptor, start + count, 1)
                guard read >= 0 else {
                    throw UsageError(
                        description: "--passphrase-fd \(descriptor) cannot be read: \(String(cString: strerror(errno)))"
                    )
                }
                if read == 0 || memory[count] == 0x0A { return count }
                count += 1
            }
            return count
        }
    }
}
