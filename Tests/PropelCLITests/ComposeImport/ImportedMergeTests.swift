import Propel
import Testing

@testable import PropelCLI

/// Files that are put over each other, and mounts that others have.
@Suite struct ImportedMergeTests {
    private static let base = """
        services:
          app:
            image: app:1
            ports: ["80:80"]
            environment: {A: "1", B: "2"}
            command: [serve]
          backup: {image: "backup:1"}
        """

    @Test func `a file leaves keys out, and replaces others as a whole`() throws {
        let (swift, omissions) = try Importing.project(
            Self.base,
            [
                "over.yaml": """
                services:
                  app: {ports: !reset [], environment: !override {C: "3"}, command: []}
                  backup: !reset null
                """
            ], over: ["over.yaml"])
        #expect(omissions == [])
        #expect(!swift.contains("Publish") && !swift.contains("backup") && !swift.contains("Command"), "\(swift)")
        #expect(swift.contains(#"Environment("C", "3")"#) && !swift.contains(#"Environment("A""#), "\(swift)")
    }

    @Test func `what a service extends is left out or replaced too`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app: {extends: base, ports: !override ["81:81"], volumes: !reset null}
              base: {image: "a:1", ports: ["80:80"], volumes: ["./x:/x"]}
            """)
        #expect(omissions == [])
        let lines = swift.components(separatedBy: "\n").map(\.trimmed)
        let app = try #require(lines.firstIndex(of: #"Container("app", image: "a:1") {"#))
        #expect(lines[app + 1] == "Publish(81)" && lines[app + 2] == "}", "\(swift)")
    }

    @Test func `a service of an included file is completed by the file that includes it`() throws {
        let (swift, omissions) = try Importing.project(
            """
            include: [db.yaml]
            services:
              app: {image: a, depends_on: [db]}
              db: {environment: {LEVEL: debug}}
            """, ["db.yaml": "services: {db: {image: \"db:15\", environment: {LEVEL: info, MODE: x}}}"])
        #expect(omissions == [])
        let lines = [
            #"Container("db", image: "db:15") {"#, #"Environment("LEVEL", "debug")"#, #"Environment("MODE", "x")"#,
        ]
        for line in lines { #expect(swift.contains(line), "\(swift)") }
    }

    @Test func `a service has the mounts of another one`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app: {image: a, volumes: ["data:/data", "./conf:/conf", "/cache"]}
              web: {image: b, volumes_from: ["app:ro"], volumes: ["own:/conf"]}
              other: {image: c, volumes_from: [web2, "container:x"]}
              web2: {image: d}
            """)
        #expect(
            omissions == [
                "other: volumes_from: web2: the volumes of its image are not known here",
                "other: volumes_from: container:x",
            ])
        let after = swift.components(separatedBy: #"Container("web""#).last ?? ""
        let web = after.components(separatedBy: "Container(").first ?? ""
        for line in [
            #"Volume("own", at: "/conf")"#, #"Volume("data", at: "/data", isReadOnly: true)"#,
        ] { #expect(web.contains(line), "\(line)\n\(web)") }
        #expect(!web.contains("/opt/shop/conf"))
    }
}
