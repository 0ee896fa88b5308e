import PlainText
import Foundation
import SSHTransport
import Vocabulary

/// A file that should be a `propel-enforce`.
struct EnforcerFile {
    let path: String

    /// The program with its hash. The hash is cached beside the file: every run needs it, and only a build changes it.
    /// - Throws: ``BuildError`` if there is no such file.
    func enforcer() throws -> Enforcer {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw BuildError(description: "\(path) is missing\nBuild it: `\(SwiftBuild.command)`.")
        }
        let state = status.fingerprint
        let record = URL(filePath: path + ".sha256")
        let known = (try? String(contentsOf: record, encoding: .utf8))?.nonEmptyLines.map(String.init) ?? []
        if known.count == 2, known[0] == state { return Enforcer(file: path, sha256: known[1]) }
        let hash = try sha256()
        try "\(state)\n\(hash)\n".write(to: record, atomically: true, encoding: .utf8)
        return Enforcer(file: path, sha256: hash)
    }

    /// The SHA-256 of the file: 64 lowercase hexadecimal digits.
    func sha256() throws -> String { try SourceManifest.sha256(of: path) }

    /// Checks that the file is a static executable for an architecture.
    /// - Throws: ``BuildError`` that says what it is instead.
    func verify(for architecture: Architecture) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        } catch {
            throw BuildError(description: "\(path) cannot be read: \(error.localizedDescription)")
        }
        func refuse(_ what: String) -> BuildError {
            BuildError(
                description:
                    "\(path) \(what)\npropel-enforce for \(architecture.rawValue) is a static Linux executable."
            )
        }
        guard let file = ELFFile(data) else { throw refuse("is not a 64-bit ELF file, or is cut off") }
        guard file.machine == architecture.elfMachine else {
            let other = Architecture.allCases.first { $0.elfMachine == file.machine }?.rawValue
            throw refuse("is for \(other ?? "another architecture (ELF machine \(file.machine))")")
        }
        guard file.isExecutable else { throw refuse("is not an executable") }
        guard !file.asksForLoader else { throw refuse("is not static: it needs a dynamic loader") }
    }
}

extension Architecture {
    /// `e_machine` of elf(5).
    fileprivate var elfMachine: UInt16 {
        switch self {
        case .x86_64: 62
        case .aarch64: 183
        }
    }

    /// The architecture of this computer.
    static var native: Architecture { .current ?? .x86_64 }
}
