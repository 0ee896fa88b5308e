import Propel
import Testing

@Suite struct FilePathTests {
    @Test func `a path literal takes interpolated values`() {
        func path(_ path: FilePath) -> FilePath { path }
        let name = "shop", parent: FilePath = "/srv"
        #expect(path("/srv/\(name)") == "/srv/shop")
        #expect(path("\(parent)/\(name)/\(1)").components.count == 3)
    }

    @Test func `a staging path is hidden beside its file`() {
        #expect(("/etc/motd" as FilePath).stagingPath == "/etc/.motd.propel")
        #expect(("/etc/.motd.propel" as FilePath).isStagingPath)
        for path: FilePath in ["/etc/motd", "/etc/motd.propel", "/etc/.motd", "/", "/etc/.motd.propel/x"] {
            #expect(!path.isStagingPath, "\(path)")
        }
    }
}
