import Foundation
import Subprocess
import SystemPackage

/// A program that compresses what is sent here, and decompresses it on the machine. The best is the first.
public enum Compression: String, Sendable, CaseIterable {
    case xz
    case gzip

    /// The path of the program on this computer; nil if it is not installed.
    private var path: FilePath? {
        ClientProgram.find(rawValue, in: ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    }

    /// Whether this computer has the program.
    var isHere: Bool { path != nil }

    var executable: Executable { path.map { .path($0) } ?? .name(rawValue) }

    /// The ending of the names of compressed files.
    var suffix: String {
        switch self {
        case .xz: ".xz"
        case .gzip: ".gz"
        }
    }

    /// The arguments with which the program compresses its standard input, or files, to standard output.
    ///
    /// For xz: preset 6 makes an enforcer 10 % smaller and takes three times as long. The machine needs as much memory
    /// as the dictionary has: 4 MiB. The filter for x86-64 makes those programs 12 % smaller and others hardly larger;
    /// those for other architectures are unknown to an xz that is older than Debian 12. One thread, since a file of
    /// several blocks may be decompressed by several threads, each with its own memory.
    var arguments: [String] {
        switch self {
        case .xz: ["-T1", "-c", "--x86", "--lzma2=preset=2,dict=4MiB"]
        case .gzip: ["-n", "-c"]
        }
    }

    func compress(_ bytes: [UInt8]) async throws -> Data {
        let result = try await run(
            executable, arguments: Arguments(arguments), input: .array(bytes),
            output: .bytes(limit: bytes.count + 1 << 16), error: .string(limit: 4096))
        guard result.terminationStatus.isSuccess else {
            throw TransportError.enforcerUnusable(file: rawValue, reason: result.standardError)
        }
        return Data(result.standardOutput)
    }
}
