import Testing

@testable import PropelCLI

/// The meaning of what is taken over: that to compose.
@Suite struct ImportedMeaningTests {
    private func lines(_ name: String) throws -> [String] {
        let (swift, omissions) = try Corpus.importing(name)
        #expect(omissions == [])
        return swift.split(separator: "\n").map { String($0).trimmed }
    }

    private func expect(
        _ expected: [String], in name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let lines = try lines(name)
        for line in expected { #expect(lines.contains(line), "\(line)\n\(lines)", sourceLocation: sourceLocation) }
    }

    @Test func `a mount keeps its propagation`() throws {
        try expect(
            [
                #"BindMount("/", at: "/host", propagation: .rslave)"#,
                #"BindMount("/home/anna/mounts/mnt", at: "/mnt", isReadOnly: false, propagation: .rshared)"#,
                #"BindMount("/run/a", isReadOnly: false, propagation: .private)"#,
            ], in: "mounts")
    }

    /// Compose 2 ignores what it does not know.
    @Test func `an option that compose ignores forbids nothing`() throws {
        try expect(
            [
                #"Volume("traps", at: "/var/traps")"#,
                #"Volume("data", at: "/data", in: "/home/anna/mounts/data")"#,
            ], in: "mounts")
    }

    @Test func `a file that is no text stays where it is`() throws {
        try expect(
            [
                #"BindMount("/home/anna/mounts/conf/places.bin", at: "/places.bin")"#,
                #"BindMount("/home/anna/mounts/conf/names.bin", at: "/names.bin", isReadOnly: false)"#,
                #"BindMount("/home/anna/mounts/conf/places.bin", at: "/table.bin")"#,
            ], in: "mounts")
    }

    @Test func `the file of a profile is named from the root`() throws {
        try expect(
            [
                #"SecurityOptions("seccomp=/home/anna/mounts/conf/profile.json", "no-new-privileges:true")"#,
                #"SecurityOptions("seccomp=unconfined")"#,
            ], in: "mounts")
    }

    @Test func `a service without containers is left out, and nothing waits for it`() throws {
        let lines = try lines("scaled")
        #expect(!lines.contains { $0.contains("Container(\"browser\"") || $0.contains("Container(\"probe\"") })
        #expect(lines.filter { $0.hasPrefix("DependsOn") }.first == #"DependsOn("db")"#)
        #expect(!lines.contains { $0.contains(#"DependsOn("browser")"#) || $0.contains(#"DependsOn("probe")"#) })
        #expect(lines.contains("// browser is left out: the file asks for no container of it (scale: 0)."))
        #expect(!lines.contains { $0.contains("hunter2") || $0.contains("browser-password") })
    }

    /// Under one name and from one image, as compose has them.
    @Test func `of a service with two containers there are two`() throws {
        let lines = try lines("scaled"), origin = #".directory("/home/anna/scaled/worker")"#
        for line in [
            #"Container("worker", image: "scaled-worker", origin: \#(origin)) {"#,
            #"Container("worker-2", image: "scaled-worker", origin: \#(origin)) {"#,
            #"DependsOn("worker")"#, #"DependsOn("worker-2")"#,
        ] {
            #expect(lines.contains(line), "\(line)\n\(lines)")
        }
        #expect(lines.filter { $0 == #"Aliases("worker")"# }.count == 1)
        #expect(lines.filter { $0.hasPrefix("ResourceLimits(") }.count == 2)
    }

    @Test func `the address of a port may be a key of the host`() throws {
        try expect(
            [
                #"let bindAddress = try host.string("bind-address") ?? """#,
                #"Publish(Port(53, transport: "udp"), to: 5353, on: "\(bindAddress)")"#,
                #"Publish(8080, to: 80, on: "\(bindAddress)")"#,
            ], in: "scaled")
    }

    @Test func `the file that compose puts over another one counts`() throws {
        let lines = try lines("override")
        for line in [
            #"Container("mail", image: "example/mail:1")"#, #"Container.Command(line: "serve --verbose")"#,
            #"Environment("LEVEL", "debug")"#, #"Environment("MODE", "plain")"#, #"Environment("ONE", "1")"#,
            #"Environment("TWO", "2")"#, "Publish(8080, to: 80)", "Publish(8443, to: 443)",
            #"Volume("data-2", at: "/data", in: "/home/anna/override/data")"#,
        ] {
            #expect(lines.contains(line), "\(line)\n\(lines)")
        }
        #expect(!lines.contains(#"Volume("data", at: "/data")"#))
    }

    /// Without a start period there is no time in which it would count.
    @Test func `a health check keeps its pause within the start period`() throws {
        let lines = try lines("scaled")
        #expect(lines.filter { $0.contains("startInterval") }.count == 1, "\(lines)")
        #expect(lines.contains { $0.contains("startInterval: .seconds(2))") })
    }
}
