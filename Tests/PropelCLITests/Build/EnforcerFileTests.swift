import DiskCalls
import Vocabulary
import SSHTransport
import Foundation
import Testing

@testable import PropelCLI

/// The checks of a file that should be an enforcer, and the cache of enforcers.
@Suite struct EnforcerFileTests {
    private let scratch: PackageFolder
    private var folder: URL { scratch.root }

    init() throws { scratch = try PackageFolder() }

    /// A program header: its type, and the part of the file that it is about.
    private static func header(_ type: UInt32, length: UInt64 = 16) -> Data {
        var data = Data()
        func add(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
        }
        add(type); add(UInt32(5)); add(UInt64(0)); add(UInt64(0)); add(UInt64(0)); add(length); add(length);
        add(UInt64(4096))
        return data
    }

    /// The headers of an executable (elf(5)).
    private static func program(type: UInt16 = 2, machine: UInt16 = 183, _ headers: [Data] = [header(1)]) -> Data {
        var data = Data([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8))
        func add(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
        }
        add(type); add(machine); add(UInt32(1)); add(UInt64(0)); add(UInt64(64)); add(UInt64(0)); add(UInt32(0));
        add(UInt16(64))
        add(UInt16(56)); add(UInt16(headers.count)); add(UInt16(64)); add(UInt16(0)); add(UInt16(0))
        return headers.reduce(data) { $0 + $1 }
    }

    private func refusal(of data: Data) throws -> String? {
        let file = folder.appending(path: "file")
        try data.write(to: file)
        do {
            try EnforcerFile(path: file.path).verify(for: .aarch64)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `a static executable is accepted`() throws {
        #expect(try refusal(of: Self.program()) == nil)
        #expect(try refusal(of: Self.program(type: 3)) == nil, "one that runs at any address")
    }

    @Test func `another file is refused with what it is`() throws {
        func expect(_ words: String, _ data: Data) throws {
            #expect(try refusal(of: data)?.contains(words) == true, "\(words)")
        }
        try expect("is not a 64-bit ELF file", Data("#!/bin/sh\n".utf8))
        try expect("is not a 64-bit ELF file", Data())
        try expect("is not a 64-bit ELF file", Self.program().dropLast(20))
        try expect("or is cut off", Self.program([Self.header(1, length: 4096)]))
        try expect("or is cut off", Self.program([Self.header(1, length: .max)]))
        try expect("is for x86_64", Self.program(machine: 62))
        try expect("is for another architecture (ELF machine 40)", Self.program(machine: 40))
        try expect("is not an executable", Self.program(type: 1))
        try expect("is not static", Self.program([Self.header(3), Self.header(1)]))
    }

    @Test func `an executable with a dynamic loader is refused`() throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let error = #expect(throws: BuildError.self) { try EnforcerFile(path: own).verify(for: .native) }
        #expect(error?.description.contains("needs a dynamic loader") == true)
    }

    @Test func `the fingerprint of the sources depends on their content only`() async throws {
        let cache = EnforcerCache(root: folder)
        let first = try cache.fingerprint(of: folder)
        #expect(first.count == 64)
        #expect(try cache.fingerprint(of: folder) == first)
        try scratch.write("// another", "Sources/Hosts/Fleet.swift")
        let second = try cache.fingerprint(of: folder)
        #expect(second != first)
        try scratch.write("// fleet", "Sources/Hosts/Fleet.swift")
        #expect(try cache.fingerprint(of: folder) == first, "the same again, however it came about")
        try scratch.write("{}", "Package.resolved")
        #expect(try cache.fingerprint(of: folder) != first, "other versions of libraries are another program")
    }

    @Test func `a cached enforcer is found for its sources and builder only`() async throws {
        let cache = EnforcerCache(root: folder)
        let file = folder.appending(path: "built")
        try Self.program().write(to: file)
        let kept = try cache.keep(file.path, for: .aarch64, sources: "s1", builder: "sdk-x")
        #expect(try cache.enforcer(for: .aarch64, sources: "s1", builder: "sdk-x") == kept)
        #expect(try cache.enforcer(for: .aarch64, sources: "s1", builder: "sdk-y") == nil)
        #expect(try cache.enforcer(for: .aarch64, sources: "s2", builder: "sdk-x") == nil)
        #expect(try cache.enforcer(for: .x86_64, sources: "s1", builder: "sdk-x") == nil)
        try Data("#!/bin/sh\n".utf8).write(to: file)
        #expect(throws: BuildError.self) {
            try cache.keep(file.path, for: .aarch64, sources: "s1", builder: "sdk-x")
        }
        #expect(
            try cache.enforcer(for: .aarch64, sources: "s1", builder: "sdk-x") == kept, "and the good one stays")
    }

    /// Under its name it counts as complete, after a power cut too.
    @Test func `a cached enforcer is on the disk before it has its name`() async throws {
        let cache = EnforcerCache(root: folder), file = folder.appending(path: "built")
        try Self.program().write(to: file)
        let calls = try await DiskCalls.observe(below: folder.path) {
            try cache.keep(file.path, for: .aarch64, sources: "s1", builder: "sdk-x")
        }
        let place = folder.appending(path: ".build/enforcers/aarch64/s1/sdk-x").path, size = Self.program().count
        #expect(calls == ["sync \(place)/.propel-enforce.\(getpid()) \(size) bytes", "sync \(place)"])
    }

    @Test func `an import counts for the sources that it was built from`() async throws {
        let checkout = Checkout(root: folder), cache = EnforcerCache(root: folder)
        let file = folder.appending(path: "elsewhere")
        try Self.program().write(to: file)
        let hash = try EnforcerFile(path: file.path).sha256()
        let sources = try cache.fingerprint(of: folder)
        let other = String(repeating: "0", count: 64)

        func refusal(sha256: String = hash, sources: String = sources) async -> String? {
            do {
                _ = try cache.importing(
                    file.path, for: .foreign, sha256: sha256, sources: sources, into: checkout)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(await refusal(sha256: other)?.contains("has another SHA-256") == true)
        #expect(await refusal(sources: other)?.contains("was built from other sources") == true)
        try Self.program(machine: Architecture.foreign == .aarch64 ? 183 : 62).write(to: file)
        let right = try EnforcerFile(path: file.path).sha256()
        #expect(await refusal(sha256: right) == nil)
        #expect(try cache.enforcer(for: .foreign, sources: sources, builder: "import")?.sha256 == right)

        try scratch.write("// changed", "Sources/Hosts/Fleet.swift")
        let now = try cache.fingerprint(of: folder)
        #expect(try cache.enforcer(for: .foreign, sources: now, builder: "import") == nil)
    }
}

extension Architecture {
    /// An architecture other than that of this computer.
    static var foreign: Architecture { native == .aarch64 ? .x86_64 : .aarch64 }
}
