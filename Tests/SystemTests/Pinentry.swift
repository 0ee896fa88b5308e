import Foundation
import PropelTesting
import Subprocess

/// A pinentry of a GnuPG home without a window: it knows the passphrase, and answers when
/// it is let.
///
/// A person who is asked is what decryption waits for, so that a test knows for certain when it has begun and how far
/// it is.
final class Pinentry: Sendable {
    private let folder: String

    /// Talks as pinentry does (the Assuan protocol, "Pinentry" in its manual).
    private static let script = """
        #!/bin/sh
        folder=$(dirname "$0")
        echo OK
        while read -r word rest; do
            case $word in
                SETDESC) description=$rest ;;
                GETPIN)
                    echo "$description" >> "$folder/asked"
                    number=$(wc -l < "$folder/asked")
                    tries=0
                    while [ "$number" -gt "$(cat "$folder/allowed")" ] && [ "$tries" -lt 3000 ] && [ -d "$folder" ]; do
                        sleep 0.1; tries=$((tries + 1))
                    done
                    echo "D $(cat "$folder/passphrase")" ;;
                BYE) echo OK; exit ;;
            esac
            echo OK
        done
        """

    /// Takes the place of the pinentry of a key's home. Each passphrase is asked for, however often that was already.
    init(of key: DeployerKey) async throws {
        folder = key.home + "/pinentry"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let program = folder + "/pinentry"
        try writeProgram(Self.script, to: program)
        try key.passphrase.write(toFile: folder + "/passphrase", atomically: true, encoding: .utf8)
        try "".write(toFile: folder + "/asked", atomically: true, encoding: .utf8)
        try answer(.max)
        let file = key.home + "/gpg-agent.conf"
        let options =
            try String(contentsOfFile: file, encoding: .utf8) + "pinentry-program \(program)\ndefault-cache-ttl 0\n"
        try options.write(toFile: file, atomically: true, encoding: .utf8)
        // The agent has seen the passphrase, and knows another pinentry.
        _ = try await Configuration.run("gpgconf", ["--homedir", key.home, "--kill", "all"])
    }

    /// The requests, one string each, with the name of the key.
    var requests: [String] {
        get throws {
            try String(contentsOfFile: folder + "/asked", encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }

    /// Answers `count` more requests, and leaves the next one waiting.
    func answer(_ count: Int) throws {
        let allowed = try requests.count.addingReportingOverflow(count)
        try "\(allowed.overflow ? .max : allowed.partialValue)".write(
            toFile: folder + "/allowed", atomically: true, encoding: .utf8)
    }
}
