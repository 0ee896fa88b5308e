import Testing

@testable import PropelCLI

extension FaithfulImportTests {
    @Test func `a directory in the long syntax is one of the project`() throws {
        #expect(
            try Importing.parts("volumes: [{type: bind, source: data, target: /data}]")
                == [#"Volume("data", at: "/data", in: "/opt/shop/data")"#])
    }

    /// Its variables are often passwords, whatever their names.
    @Test(arguments: [".env", "mail.env", ".env.local"]) func `a mounted file of variables is a secret`(
        _ name: String
    ) throws {
        let (swift, omissions) = try Importing.project(
            "services: {app: {image: a, volumes: ['./conf/\(name):/app/.env:ro']}}", ["conf/\(name)": "PIN=hunter2\n"])
        #expect(omissions == [] && !swift.contains("hunter2"))
        #expect(swift.contains("--file ./conf/\(name)"), "\(swift)")
        #expect(swift.contains(#"ConfigurationFile("/app/.env", "\(Secret("shop-"#), "\(swift)")
    }

    /// The program in the container need not be root.
    @Test func `a file with a password in it can be read as before`() throws {
        let (swift, _) = try Importing.project(
            "services: {app: {image: a, volumes: ['./app.ini:/app.ini:ro', './run.sh:/run.sh:ro']}}",
            ["app.ini": "url = postgres://u:hunter2@db/x\n", "run.sh": "curl http://u:hunter2@db/\n"])
        #expect(!swift.contains("hunter2"))
        #expect(swift.components(separatedBy: #"""", mode: 0o644)"#).count == 3, "\(swift)")
    }

    @Test func `a directory that Propel keeps no volume in is mounted as it is`() throws {
        let (swift, _) = try Importing.project(
            "services: {app: {image: a, volumes: ['./:/all']}}", directory: "/home/anna")
        #expect(swift.contains("// /home/anna is no place for a volume: it has no backup."), "\(swift)")
        #expect(swift.contains(#"BindMount("/home/anna", at: "/all", isReadOnly: false)"#))
        // One in it still is one.
        let (inner, _) = try Importing.project(
            "services: {app: {image: a, volumes: ['./:/all', './db:/db']}}", directory: "/home/anna")
        #expect(inner.contains(#"Volume("db", at: "/db", in: "/home/anna/db")"#), "\(inner)")
    }

    @Test func `an included project has its own variables, and files put over it`() throws {
        let (swift, omissions) = try Importing.project(
            """
            include:
              - path: [db/compose.yaml, db.local.yaml]
              - cache/compose.yaml
            services: {app: {image: "app:${VERSION}"}}
            """,
            [
                ".env": "VERSION=1\n", "db/.env": "VERSION=15\nSIZE=64m\n",
                "db/compose.yaml":
                    "services: {db: {image: \"db:${VERSION}\", shm_size: \"${SIZE}\", volumes: ['./d:/d']}}",
                "db.local.yaml": "services: {db: {environment: {LEVEL: debug}}}",
                "cache/compose.yaml": "services: {cache: {image: 'cache:1'}}",
            ])
        #expect(omissions == [])
        for line in [
            #"Container("app", image: "app:1")"#, #"Container("db", image: "db:1") {"#, #"SharedMemory("64 MiB")"#,
            #"Volume("db-d", at: "/d", in: "/opt/shop/db/d")"#, #"Environment("LEVEL", "debug")"#,
            #"Container("cache", image: "cache:1")"#,
        ] {
            #expect(swift.contains(line), "\(line)\n\(swift)")
        }
    }
}
