import BinaryPatch
import Foundation
import PropelTesting
import Testing

@testable import Propel

@Suite struct EnforcerPatchTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Two files of 200 kB, of which the second has other bytes in many places.
    private func pair() -> (base: [UInt8], new: [UInt8]) {
        var generator = SeededGenerator(seed: 1)
        let base = generator.bytes(200_000)
        var new = Array(base[..<100_000]) + [1, 2, 3] + Array(base[100_000...])
        for index in stride(from: 7, to: new.count, by: 1001) { new[index] &+= 5 }
        return (base, new)
    }

    private func patch(from base: [UInt8], to new: [UInt8]) throws -> [UInt8] {
        try base.withUnsafeBytes { base in try new.withUnsafeBytes { try Patch.make(from: base, to: $0) } }
    }

    private func apply(_ patch: [UInt8], to base: [UInt8]) throws -> [UInt8] {
        let files = ["base", "patch", "new"].map { directory.path.appending($0) }
        try Data(base).write(to: URL(filePath: files[0].string))
        try Data(patch).write(to: URL(filePath: files[1].string))
        let input = try FileDescriptor.open(files[1], .readOnly)
        defer { try? input.close() }
        let output = try FileDescriptor.open(
            files[2], .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        defer { try? output.close() }
        try EnforcerPatch(base: files[0], input: input, output: output).apply()
        return [UInt8](try Data(contentsOf: URL(filePath: files[2].string)))
    }

    @Test func `a new enforcer is made from files that are larger than what is in memory`() throws {
        let (base, new) = pair()
        let patch = try patch(from: base, to: new)
        #expect(patch.count < 10_000)
        #expect(try apply(patch, to: base) == new)
    }

    @Test func `a patch that is cut off or for another base is refused`() throws {
        let (base, new) = pair()
        let patch = try patch(from: base, to: new)
        #expect(throws: Patch.Invalid.self) { try apply(Array(patch.dropLast()), to: base) }
        #expect(throws: Patch.Invalid.self) { try apply(patch, to: new) }
        #expect(throws: Patch.Invalid.self) { try apply([], to: base) }
    }
}
