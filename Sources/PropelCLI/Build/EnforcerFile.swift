import Vocabulary
import SSHTransport
import Foundation
import Subprocess
import SystemPackage

/// A file that is, or is said to be, a `propel-enforce`.
struct EnforcerFile {
    let path: String

    /// The program with its hash, which is kept beside the file, since it is asked for in every run and changes with a build only.
    /// - Throws: ``BuildError`` where there is no such file.
    func enforcer() async throws -> Enforcer {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw BuildError(description: "\(path) is missing: `swift build -c release` makes it")
        }
        let state = status.fingerprint
        let record = URL(filePath: path + ".sha256")
        let known = (try? String(contentsOf: record, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
        if known.count == 2, known[0] == state { return Enforcer(file: path, sha256: known[1]) }
        let hash = try await sha256()
        try "\(state)\n\(hash)\n".write(to: record, atomically: true, encoding: .utf8)
        return Enforcer(file: path, sha256: hash)
    }

    /// - Returns: 64 digits in lower case.
    func sha256() async throws -> String {
        let result = try await Subprocess.run(
            .name("sha256sum"), arguments: ["--", path], output: .string(limit: 4096), error: .string(limit: 4096))
        // Where the name has a backslash, the line begins with one.
        let hash = result.standardOutput.drop { $0 == "\\" }.prefix(64)
        guard result.terminationStatus.isSuccess, hash.count == 64 else {
            throw BuildError(description: "\(path) cannot be read: \(result.standardError)")
        }
        return String(hash)
    }

    /// Finds out whether the file is an executable for a processor that needs nothing of the machine it is copied to (elf(5)).
    /// - Throws: ``BuildError`` which says what it is instead.
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
                    "\(path) \(what)\nA propel-enforce for \(architecture.rawValue) is one static executable for Linux."
            )
        }
        guard let file = ELFFile(data) else { throw refuse("is no 64-bit ELF file, or is cut off") }
        guard file.machine == architecture.elfMachine else {
            let other = Architecture.allCases.first { $0.elfMachine == file.machine }?.rawValue
            throw refuse("is for \(other ?? "another processor (\(file.machine))")")
        }
        guard file.isExecutable else { throw refuse("is no program") }
        guard !file.asksForLoader else { throw refuse("is not static: it asks for a dynamic loader") }
    }
}

extension Architecture {
    /// The processor's number in a program (e_machine of elf(5)).
    fileprivate var elfMachine: UInt16 {
        switch self {
        case .x86_64: 62
        case .aarch64: 183
        }
    }

    /// That of this computer.
    static var native: Architecture {
        #if arch(arm64)
        .aarch64
        #else
        .x86_64
        #endif
    }
}

/// The few fields of a 64-bit little-endian ELF file that tell what runs it (elf(5)).
private struct ELFFile {
    let machine: UInt16
    let isExecutable: Bool
    let asksForLoader: Bool

    init?(_ data: Data) {
        func number<Number: FixedWidthInteger>(at offset: Int, _: Number.Type) -> Number? {
            guard offset >= 0, offset <= data.count - MemoryLayout<Number>.size else { return nil }
            return data.withUnsafeBytes {
                Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
            }
        }
        guard data.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), let type = number(at: 16, UInt16.self),
            let machine = number(at: 18, UInt16.self),
            let table = number(at: 32, UInt64.self).flatMap({ Int(exactly: $0) }),
            let size = number(at: 54, UInt16.self),
            let count = number(at: 56, UInt16.self), size >= 56, count > 0
        else { return nil }
        self.machine = machine
        var asksForLoader = false, hasCode = false
        for index in 0..<Int(count) {
            let (header, overflow) = table.addingReportingOverflow(index * Int(size))
            guard !overflow, let kind = number(at: header, UInt32.self),
                let offset = number(at: header + 8, UInt64.self),
                let length = number(at: header + 32, UInt64.self)
            else { return nil }
            // PT_LOAD and PT_INTERP.
            if kind == 1 { hasCode = true }
            if kind == 3 { asksForLoader = true }
            let (end, isTooLong) = offset.addingReportingOverflow(length)
            guard !isTooLong, end <= UInt64(data.count) else { return nil }
        }
        self.asksForLoader = asksForLoader
        // ET_EXEC, and ET_DYN for one that runs at any address.
        isExecutable = (type == 2 || type == 3) && hasCode
    }
}
