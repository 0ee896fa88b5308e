import Propel
import Testing

@testable import PropelCLI

/// Paths of the project and of homes with variables that only hosts.conf knows.
@Suite struct ImportedPathTests {
    private func lines(_ volumes: [String], directory: FilePath = "/opt/shop") throws -> [String] {
        let list = volumes.map { "'\($0)'" }.joined(separator: ", ")
        let (swift, omissions) = try Importing.project(
            "services: {app: {image: a, volumes: [\(list)]}}", directory: directory)
        #expect(omissions == [], "\(swift)")
        return swift.components(separatedBy: "\n").map(\.trimmed).filter {
            $0.hasPrefix("Volume(") || $0.hasPrefix("BindMount(")
        }
    }

    @Test func `a directory of the project is data, whatever a part of it is called`() throws {
        #expect(
            try lines(["./${DIR}/x:/x", "./${DIR}:/d", "./data-${DIR}:/e", "../${DIR}/y:/y"]) == [
                #"Volume("dir-x", at: "/x", in: FilePath("/opt/shop/\(dir)/x"))"#,
                #"Volume("dir", at: "/d", in: FilePath("/opt/shop/\(dir)"))"#,
                #"Volume("data-dir", at: "/e", in: FilePath("/opt/shop/data-\(dir)"))"#,
                #"Volume("dir-y", at: "/y", in: FilePath("/opt/\(dir)/y"))"#,
            ])
    }

    @Test func `what nobody writes to, or is a file, is mounted from the machine`() throws {
        #expect(
            try lines(["./${DIR}/x:/x:ro", "./conf/${NAME}.conf:/app.conf", "./${DIR}/y:/y:rshared"]) == [
                #"BindMount(FilePath("/opt/shop/\(dir)/x"), at: "/x")"#,
                #"BindMount(FilePath("/opt/shop/conf/\(name).conf"), at: "/app.conf", isReadOnly: false)"#,
                #"BindMount(FilePath("/opt/shop/\(dir)/y"), at: "/y", isReadOnly: false, propagation: .rshared)"#,
            ])
    }

    /// The backup of the outer one has it too.
    @Test func `a directory in another one that is data is left to the backup of that`() throws {
        #expect(
            try lines(["./:/all", "./${DIR}/x:/x"]) == [
                #"Volume("project", at: "/all", in: "/opt/shop")"#,
                #"BindMount(FilePath("/opt/shop/\(dir)/x"), at: "/x", isReadOnly: false)"#,
            ])
    }

    @Test(arguments: ["~/${DIR}:/x", "${HOME}/${DIR}:/x", "$HOME/$DIR:/x"])
    func `a home is that of the machine`(_ volume: String) throws {
        let own = #"BindMount(FilePath("/home/anna/\(dir)"), at: "/x", isReadOnly: false)"#
        #expect(try lines([volume], directory: "/home/anna/shop") == [own])
        let root = #"BindMount(FilePath("/root/\(dir)"), at: "/x", isReadOnly: false)"#
        #expect(try lines([volume], directory: "/root/shop") == [root])
        let other = #"BindMount(FilePath("\(home)/\(dir)"), at: "/x", isReadOnly: false)"#
        #expect(try lines([volume]) == [other])
    }

    @Test func `a value in the environment is what it was`() throws {
        let (swift, _) = try Importing.project(
            "services: {app: {image: a, volumes: ['./${DIR}/x:/x', '~/${DIR}:/y']}}", [".env": "DIR=data\n"],
            directory: "/home/anna/shop")
        #expect(swift.contains(#"Volume("data-x", at: "/x", in: "/home/anna/shop/data/x")"#), "\(swift)")
        #expect(swift.contains(#"BindMount("/home/anna/data", at: "/y", isReadOnly: false)"#), "\(swift)")
    }

    @Test func `the long syntax means the same`() throws {
        let lines = try Importing.parts(
            """
            volumes:
              - {type: bind, source: './${DIR}/x', target: /x}
              - {type: bind, source: 'data/${DIR}', target: /y}
            """)
        #expect(
            lines == [
                #"Volume("dir-x", at: "/x", in: FilePath("/opt/shop/\(dir)/x"))"#,
                #"Volume("data-dir", at: "/y", in: FilePath("/opt/shop/data/\(dir)"))"#,
            ])
    }

    @Test func `a build is from the directory of the machine`() throws {
        for (context, place) in [("./${DIR}/b", "/opt/shop/\\(dir)/b"), ("app-${DIR}", "/opt/shop/app-\\(dir)")] {
            let (swift, omissions) = try Importing.project("services: {app: {build: '\(context)'}}")
            #expect(omissions == [])
            #expect(swift.contains("origin: .directory(FilePath(\"\(place)\"))"), "\(swift)")
        }
    }

    @Test func `paths of an included project begin at its directory`() throws {
        let (swift, omissions) = try Importing.project(
            "include: [sub/compose.yaml]\nservices: {app: {image: a}}",
            [
                "sub/compose.yaml":
                    "services: {inner: {image: b, volumes: ['./${DIR}/x:/x', '../shared:/s', '../../o/${DIR}:/o']}}"
            ])
        #expect(omissions == [])
        for line in [
            #"Volume("sub-dir-x", at: "/x", in: FilePath("/opt/shop/sub/\(dir)/x"))"#,
            #"Volume("shared", at: "/s", in: "/opt/shop/shared")"#,
            #"Volume("o-dir", at: "/o", in: FilePath("/opt/o/\(dir)"))"#,
        ] {
            #expect(swift.contains(line), "\(swift)")
        }
    }

    @Test func `a repository is no path of an included project`() throws {
        let build = "build: 'git@example.com:me/app.git#v1'",
            unknown = "build: 'git@example.com:${USER_NAME}/app.git#v1'"
        let (swift, omissions) = try Importing.project(
            "include: [sub/compose.yaml]\nservices: {app: {image: a}}",
            ["sub/compose.yaml": "services: {one: {\(build)}, two: {\(unknown)}}"])
        #expect(swift.contains(#"GitCheckout("git@example.com:me/app.git", to: "/srv/shop-one", at: .tag("v1"))"#))
        #expect(omissions.count == 1 && omissions[0].hasPrefix("two: build: git@example.com:${USER_NAME}/app.git#v1"))
    }

    @Test func `a file of variables whose place is unknown is told`() throws {
        let (swift, omissions) = try Importing.project(
            "services: {app: {image: a, env_file: ['./${DIR}/a.env', {path: './${DIR}/b.env', required: false}]}}")
        #expect(omissions == ["app: env_file: ./${DIR}/a.env: give the value of its variable in --env"])
        #expect(swift.contains("// not taken over: app: env_file: ./${DIR}/a.env"), "\(swift)")
    }
}
