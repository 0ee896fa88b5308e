import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct ACLTests {
    private let fake = FakeMachine()
    private let table = Table()
    private let media = ACL(
        on: "/srv/my media", .user("pi", "rwx"), .group("sudo", "rx"), inherited: [.user("pi", "rw")])

    /// The entries by the path.
    private final class Table: Sendable {
        let paths = Mutex<[String: [String: String]]>([:])
        let mask = Mutex("rwx")
    }

    init() {
        fake.hasInstalled("acl")
        fake.files.put("/usr/bin/getfacl", "", mode: 0o755)
        fake.files.put(directory: "/srv/my media")
        fake.commands.program("getfacl") { [table] command in
            let paths = table.paths.withLock { $0 }
            return .printing(
                command.arguments.drop { $0 != "--" }.dropFirst().map { path in
                    "# file: \(path.replacing(" ", with: "\\040"))\n# owner: 0\n# group: 0\nuser::rwx\n"
                        + (paths[path] ?? [:]).sorted { $0.key < $1.key }.map {
                            "\($0.key):\($0.value)\t#effective:r--\n"
                        }.joined() + "group::r-x\nmask::\(table.mask.withLock { $0 })\nother::r-x\n\n"
                }.joined())
        }
        fake.commands.program("setfacl") { [table] command in
            let words = command.arguments, path = words[words.count - 1]
            table.mask.withLock { $0 = "rwx" }
            for entry in words[1].split(separator: ",").map(String.init) {
                guard words[0] == "--modify", let end = entry.lastIndex(of: ":") else {
                    table.paths.withLock { $0[path]?[entry] = nil }
                    continue
                }
                let rights = String(entry[entry.index(after: end)...])
                table.paths.withLock { $0[path, default: [:]][String(entry[..<end])] = rights }
                if entry.hasPrefix("default:") { table.paths.withLock { $0[path]?["default:group:"] = "rwx" } }
            }
            if words.contains("--remove-default") {
                table.paths.withLock { $0[path] = $0[path]?.filter { !$0.key.hasPrefix("default:") } }
            }
            return .printing()
        }
    }

    @Test func `rights are given and taken away`() async throws {
        #expect(
            try await fake.obeysLaw(media).reason
                == "user pi: none → rwx; group sudo: none → r-x; user pi, inherited: none → rw-")
        #expect(
            fake.commands.log.contains(
                "setfacl --modify user:1000:rwx,group:27:r-x,default:user:1000:rw- -- '/srv/my media'"))
        table.paths.withLock { $0["/srv/my media"]?["user:33"] = "r--" }
        #expect(
            try await fake.obeysLaw(media.reverted()).reason
                == "take away the rights of user:1000, group:27, default:user:1000")
        #expect(table.paths.withLock { $0 } == ["/srv/my media": ["user:33": "r--"]])
        #expect(fake.commands.log.last?.contains("mask") == false)
    }

    @Test func `what setfacl adds goes too, unless it was there before`() async throws {
        try await fake.obeysLaw(media)
        try await fake.obeysLaw(media.reverted())
        #expect(
            fake.commands.log.contains(
                "setfacl --remove user:1000,group:27,default:user:1000,mask:: --remove-default -- '/srv/my media'"))
        #expect(table.paths.withLock { $0 } == ["/srv/my media": [:]])
        table.paths.withLock { $0 = ["/srv/my media": ["default:group:": "rwx"]] }
        try await fake.obeysLaw(media)
        try await fake.obeysLaw(media.reverted())
        #expect(table.paths.withLock { $0 } == ["/srv/my media": ["default:group:": "rwx"]])
    }

    @Test func `what others inherit stays`() async throws {
        try await fake.obeysLaw(media)
        table.paths.withLock { $0["/srv/my media"]?["default:user:33"] = "r--" }
        try await fake.obeysLaw(media.reverted())
        #expect(
            table.paths.withLock { $0 } == ["/srv/my media": ["default:user:33": "r--", "default:group:": "rwx"]])
    }

    @Test(arguments: [
        ["user:1000": "rw-"], ["group:1000": "rwx"], ["default:user:1000": "rwx"], ["user:10001": "rwx"],
    ]) func `a near miss is set`(_ entries: [String: String]) async throws {
        fake.files.put("/srv/x", "")
        table.paths.withLock { $0["/srv/x"] = entries }
        try await fake.obeysLaw(ACL(on: "/srv/x", .user("pi", "rwx")))
    }

    @Test func `equal rights are kept, however they are written`() async throws {
        fake.files.put("/srv/x", "")
        table.paths.withLock { $0["/srv/x"] = ["user:1000": "r-x"] }
        for rights in ["rx", "xr", "r-x"] {
            #expect(try await fake.check(ACL(on: "/srv/x", .user("pi", rights))) == .satisfied)
        }
    }

    @Test func `rights that the mode of the path cuts are given again`() async throws {
        fake.files.put("/srv/x", "")
        let acl = ACL(on: "/srv/x", .user("pi", "rwx"))
        try await fake.obeysLaw(acl)
        table.mask.withLock { $0 = "r-x" }
        #expect(try await fake.obeysLaw(acl).reason == "mask r-x, which cuts the rights of the user pi")
        table.mask.withLock { $0 = "r-x" }
        table.paths.withLock { $0["/srv/x"] = ["user:1000": "r-x"] }
        #expect(try await fake.check(ACL(on: "/srv/x", .user("pi", "rx"))) == .satisfied)
    }

    @Test func `one question answers for all paths`() async throws {
        for name in ["a", "b"] { fake.files.put(FilePath("/srv/\(name)"), "") }
        fake.machine.forgetFacts()
        let both = ["a", "b", "none"].map { ACL(on: FilePath("/srv/\($0)"), .user("pi", "r")) }
        for acl in both { acl.announce(to: fake.machine) }
        for acl in both.prefix(2) { _ = try await acl.check(on: fake.machine) }
        #expect(fake.commands.log == ["getfacl --absolute-names --numeric -- /srv/a /srv/b"])
    }

    @Test func `the path, the user and the program may still come`() async throws {
        #expect(try await fake.check(ACL(on: "/srv/none", .user("pi", "r"))).isUnknown)
        #expect(
            try await fake.check(ACL(on: "/srv/my media", .user("anna", "r")))
                == .unknown(until: "there is a user anna"))
        #expect(try await fake.checkReverted(ACL(on: "/srv/my media", .user("anna", "r"))) == .satisfied)
        try fake.files.remove("/usr/bin/getfacl")
        #expect(try await fake.check(media) == .unknown(until: "acl is installed"))
    }

    @Test func `a link has no ACL, and a file hands none on`() async throws {
        fake.files.put("/srv/link", linkTo: "/srv")
        fake.files.put("/srv/file", "")
        await #expect(throws: Failure.self) { try await fake.check(ACL(on: "/srv/link", .user("pi", "r"))) }
        await #expect(throws: Failure.self) {
            try await fake.check(ACL(on: "/srv/file", inherited: [.user("pi", "r")]))
        }
    }

    /// The owner could put a link to `/etc/shadow` in its place, which setfacl would follow.
    @Test func `a path that its owner can exchange is refused`() async throws {
        fake.files.put(directory: "/srv/app", owner: Owner(user: 1000, group: 1000))
        fake.files.put(directory: "/srv/app/data")
        let acl = ACL(on: "/srv/app/data", .user("pi", "rwx"))
        table.paths.withLock { $0["/srv/app/data"] = ["user:1000": "rwx"] }
        await #expect(throws: Failure.self) { try await fake.check(acl) }
        await #expect(throws: Failure.self) { try await acl.apply(on: fake.machine) }
        await #expect(throws: Failure.self) { try await acl.reverted().apply(on: fake.machine) }
        #expect(!fake.commands.log.contains { $0.hasPrefix("setfacl") })
    }

    @Test(arguments: [
        ACL(on: "srv", .user("pi", "r")), ACL(on: "/srv"), ACL(on: "/srv", .user("pi", "")),
        ACL(on: "/srv", .user("pi", "rwz")), ACL(on: "/srv", .user("a:b", "r")),
        ACL(on: "/srv", .user("pi", "r"), .user("pi", "w")), ACL(on: "/srv/a\nb", .user("pi", "r")),
    ]) func `an invalid declaration is a problem`(_ acl: ACL) async throws {
        #expect(acl.problems.count == 1)
        await #expect(throws: Failure.self) { try await acl.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }
}
