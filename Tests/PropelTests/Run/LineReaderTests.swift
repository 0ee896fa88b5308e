import PropelTesting
import Testing

@testable import Propel

@Suite struct LineReaderTests {
    @Test func `plaintexts follow their lines as raw bytes`() throws {
        var generator = SeededGenerator(seed: 3)
        for size in [0, 1, 100, 16 * 1024, 300_000] {
            let plaintext = generator.bytes(size), pipe = try FileDescriptor.pipe()
            BlockingThread.start {
                _ = try? pipe.writeEnd.writeAll(
                    Array("one\n".utf8) + plaintext + Array("two\n".utf8) + plaintext + Array("three\n".utf8))
                try? pipe.writeEnd.close()
            }
            var lines = LineReader(descriptor: pipe.readEnd)
            #expect(try lines.next() == "one")
            #expect(try lines.secret(size: size).withUnsafeBytes { Array($0) } == plaintext)
            #expect(try lines.next() == "two")
            #expect(try lines.secret(size: size).withUnsafeBytes { Array($0) } == plaintext)
            #expect(try lines.next() == "three")
            #expect(throws: Errno.brokenPipe) { try lines.secret(size: 1) }
            try pipe.readEnd.close()
        }
    }
}
