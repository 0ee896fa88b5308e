import CSSH
import Foundation
import PlainText
import Subprocess

/// The file that `RevokedHostKeys` names: keys, one a line, or a key revocation list (ssh-keygen(1), KEY REVOCATION
/// LISTS).
struct RevokedKeys {
    let file: String
    private let content: Data

    /// - Returns: nil if the option is not set.
    /// - Throws: `TransportError.configuration` if the file cannot be read: `ssh` refuses every host then.
    init?(_ configuration: ClientConfiguration) throws {
        guard let file = configuration["revokedhostkeys"], file != "none" else { return nil }
        self.file = file
        do {
            content = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw TransportError.configuration(
                host: configuration.alias,
                reason: "the file of RevokedHostKeys cannot be read: \(error.localizedDescription)")
        }
    }

    /// - Parameter line: the type of a key and the key in base64.
    func contains(_ line: String) async throws -> Bool {
        guard content.starts(with: Array("SSHKRL\n\0".utf8)) else {
            let blob = PublicKey(line: line)?.blob
            return content.lines.contains { entry in
                let key = PublicKey(line: String(decoding: entry, as: UTF8.self))
                return key?.blob != nil && key?.blob == blob
            }
        }
        var template = Array((NSTemporaryDirectory() + "/host-key-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { return true }
        close(descriptor)
        let path = String(terminatedByNUL: template)
        defer { unlink(path) }
        try (line + "\n").write(toFile: path, atomically: false, encoding: .utf8)
        let result = try await run(
            .name("ssh-keygen"), arguments: ["-Q", "-f", file, path], input: .none, output: .discarded,
            error: .discarded)
        return !result.terminationStatus.isSuccess
    }
}
