import PropelTesting
import Testing

@testable import Properties

@Suite struct FileKindTests {
    @Test(arguments: [("/etc", "directory"), ("/etc/passwd", "file"), ("/dev/null", "special file")])
    func `the kind of a file has words for a message`(_ path: FilePath, _ words: String) throws {
        #expect(try LocalFileSystem().status(of: path)?.kind.words == words)
    }
}
