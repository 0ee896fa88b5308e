import Glibc
import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

private let anna = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1"
private let bert = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPZnpcnnB4YHsj1wBoS2Uw2aPnCL2aL/cTrCIol7D4vb"
private let carl =
    "ecdsa-sha2-nistp256 "
    + "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAqjiBWoNJW68o7hsHLaPVYqvA2Pb9YWIDGfQnAmOHdjQfnLohv+9NQXZ6S1b5dCX5rzeorIIbR2lrUGf62chEQ="
private let pi = Owner(user: 1000, group: 1000)

@Suite(.recorded) struct AuthorizedKeysTests {
    let fake = FakeMachine()
    let file: FilePath = "/home/pi/.ssh/authorized_keys"

    init() {
        fake.writesAuthorizedKeysOfPi()
    }

    private func put(_ text: String, mode: ModeBits = 0o600, owner: Owner = pi) {
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: pi)
        fake.files.put(file, text, mode: mode, owner: owner)
    }

    @Test func `makes the list with the rights of the user`() async throws {
        let before = fake.files.snapshot
        let keys = AuthorizedKeys(
            of: "pi", ["\(anna) anna@laptop", "  restrict,command=\"echo \\\"a b\\\"\" \(carl)\n".trimmed])
        try await fake.obeysLaw(keys)
        #expect(fake.files.text(at: file) == "\(anna) anna@laptop\nrestrict,command=\"echo \\\"a b\\\"\" \(carl)\n")
        #expect(fake.files[file]?.status.mode == 0o600)
        #expect(fake.files["/home/pi/.ssh"]?.status.mode == 0o700)
        #expect(
            fake.commands.log.allSatisfy {
                $0.hasPrefix("setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs -- /bin/sh -c ")
            })
        try await fake.obeysLaw(keys.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `a revert keeps a directory with other files`() async throws {
        let keys = AuthorizedKeys(of: "pi", [anna])
        try await fake.obeysLaw(keys)
        fake.files.put("/home/pi/.ssh/config", "Host *\n", mode: 0o600, owner: pi)
        try await fake.obeysLaw(keys.reverted())
        #expect(fake.files[file] == nil)
        #expect(fake.files.text(at: "/home/pi/.ssh/config") == "Host *\n")
    }

    @Test func `other lines are kept byte for byte`() async throws {
        put("# mine\n\n\(bert) b\r\nno-pty \(carl) c\n \tgarbage é", mode: 0o644)
        let before = fake.files.snapshot
        let keys = AuthorizedKeys(of: "pi", ["\(anna) a"])
        try await fake.obeysLaw(keys)
        #expect(fake.files.text(at: file) == "# mine\n\n\(bert) b\r\nno-pty \(carl) c\n \tgarbage é\n\(anna) a\n")
        try await fake.obeysLaw(keys.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `bytes that are no text stay`() async throws {
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: pi)
        fake.files.put(file, bytes: [0x23, 0xFF, 0x0A], mode: 0o600, owner: pi)
        try await fake.obeysLaw(AuthorizedKeys(of: "pi", [anna]))
        #expect(fake.files[file]?.bytes == [0x23, 0xFF, 0x0A] + Array("\(anna)\n".utf8))
    }

    @Test func `an existing key is changed in place, once`() async throws {
        put("\(anna) old comment\n\(bert) b\nagent-forwarding,command=\"a  \\\" b\" \(anna)\n#\(anna)\n")
        let change = try await fake.obeysLaw(AuthorizedKeys(of: "pi", ["restrict \(anna) new"]))
        #expect(fake.files.text(at: file) == "restrict \(anna) new\n\(bert) b\n#\(anna)\n")
        #expect(change.reason == "other keys")
        #expect(change.diff?.text.contains("+restrict \(anna) new") == true)
    }

    @Test func `an existing setting is satisfied`() async throws {
        put("\(bert)\n\(anna) a")
        // The last line has no end. It is no reason to write.
        #expect(try await fake.check(AuthorizedKeys(of: "pi", ["\(bert)"])) == .satisfied)
        put("\(anna) a\n\(bert)\n")
        #expect(
            try await fake.check(AuthorizedKeys(of: "pi", ["\(anna) a", "\(bert)"], exclusive: true)) == .satisfied)
    }

    @Test func `an exclusive list is all there is`() async throws {
        put("# mine\n\(bert) b\n\(anna) a\n")
        try await fake.obeysLaw(AuthorizedKeys(of: "pi", ["\(anna) a"], exclusive: true))
        #expect(fake.files.text(at: file) == "\(anna) a\n")
        try await fake.obeysLaw(AuthorizedKeys(of: "pi", [], exclusive: true))
        #expect(fake.files.text(at: file) == "")
    }

    @Test func `no keys need no file`() async throws {
        #expect(try await fake.check(AuthorizedKeys(of: "pi", [], exclusive: true)) == .satisfied)
        #expect(try await fake.check(AuthorizedKeys(of: "pi", [])) == .satisfied)
    }

    @Test func `modes and owners converge`() async throws {
        put("\(anna)\n", mode: 0o644, owner: .root)
        try fake.files.setMode(0o755, of: "/home/pi/.ssh")
        let change = try await fake.obeysLaw(AuthorizedKeys(of: "pi", [anna]))
        #expect(change == Change(reason: "mode of /home/pi/.ssh 0755 → 0700; mode 0644 → 0600; owner 0 → pi"))
        #expect(fake.files[file]?.status.owner == pi)
    }

    @Test func `a user or a home may still come`() async throws {
        #expect(try await fake.check(AuthorizedKeys(of: "anna", [anna])) == .unknown(until: "there is a user anna"))
        try fake.files.remove("/home/pi")
        #expect(try await fake.check(AuthorizedKeys(of: "pi", [anna])) == .unknown(until: "there is the home /home/pi"))
    }

    // MARK: What a user could do to trick root

    @Test func `links are refused`() async throws {
        fake.files.put("/home/pi/.ssh", linkTo: "/root/.ssh")
        await #expect(throws: Failure.self) { try await fake.check(AuthorizedKeys(of: "pi", [anna])) }
        await #expect(throws: Failure.self) { try await AuthorizedKeys(of: "pi", [anna]).apply(on: fake.machine) }
        try fake.files.remove("/home/pi/.ssh")
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: pi)
        fake.files.put(file, linkTo: "/etc/shadow")
        await #expect(throws: Failure.self) { try await fake.check(AuthorizedKeys(of: "pi", [anna])) }
        await #expect(throws: Failure.self) { try await AuthorizedKeys(of: "pi", [anna]).apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `a home that is a link is refused`() async throws {
        try fake.files.remove("/home/pi")
        fake.files.put("/home/pi", linkTo: "/root")
        await #expect(throws: Failure.self) { try await fake.check(AuthorizedKeys(of: "pi", [anna])) }
    }

    @Test func `a file of another user is rejected`() async throws {
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: Owner(user: 1, group: 1))
        await #expect(throws: Failure.self) { try await fake.check(AuthorizedKeys(of: "pi", [anna])) }
        // The user may have moved it there; given to them, they could read what is in it.
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: .root)
        await #expect(throws: Failure.self) { try await fake.check(AuthorizedKeys(of: "pi", [anna])) }
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `keys that sshd would ignore are a failure`() async throws {
        fake.files.put("/etc/group", "root:x:0:\nsudo:x:27:\npi:x:1000:daemon\n")
        try fake.files.setMode(0o770, of: "/home/pi")
        let failure = await #expect(throws: Failure.self) { try await fake.check(AuthorizedKeys(of: "pi", [anna])) }
        #expect(failure?.advice?.contains("chmod go-w /home/pi") == true)
    }

    // MARK: Invalid keys

    static let flawed: [(String, String)] = [
        ("", "none of the types"), ("# comment", "none of the types"),
        ("ssh-dss AAAAB3NzaC1kc3M= x", "none of the types"),
        (String(anna.dropLast(4)), "truncated"), (String(anna.dropLast(1)), "truncated"),
        (String(anna.dropLast(3)), "is not base64"), ("ssh-ed25519", "none of the types"),
        ("ssh-ed25519 notbase64!", "is not base64"), ("\(anna)\n\(bert)", "newline"), ("\(anna) a\r", "newline"),
        ("ssh-rsa " + anna.split(separator: " ")[1], "it is declared as ssh-rsa, but is a key of the type ssh-ed25519"),
        ("restirct \(anna)", "no option “restirct”"), ("restrict, \(anna)", "no option “”"),
        ("command=\"x\u{600}\",restirct,from=\"y\u{600}\" \(anna)", "no option “restirct”"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAQA=", "length"),
    ]

    @Test(arguments: flawed)
    func `an invalid key is refused`(text: String, why: String) async throws {
        #expect(AuthorizedKeys(of: "pi", [text]).problems.count == 1)
        let failure = await #expect(throws: Failure.self) { try await fake.check(AuthorizedKeys(of: "pi", [text])) }
        #expect(failure?.message.contains(why) == true, "\(failure?.message ?? "")")
    }

    @Test func `a private key is refused and not shown`() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(AuthorizedKeys(of: "pi", ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn"]))
        }
        #expect(failure?.message == "a private key is declared as a public key")
    }

    @Test func `one key twice must agree`() async throws {
        let different = AuthorizedKeys(of: "pi", ["\(anna) a", "restrict \(anna)"])
        #expect(different.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(different) }
        try await fake.obeysLaw(AuthorizedKeys(of: "pi", ["\(anna) a", "\(anna) a"]))
        #expect(fake.files.text(at: file) == "\(anna) a\n")
    }

    @Test func `reads all that sshd reads`() throws {
        #expect(
            AuthorizedKey(found: "\t from=\"10.0.0.0/8,!10.0.0.1\",command=\"x # y\" \(carl)  a comment ")?.options
                == "from=\"10.0.0.0/8,!10.0.0.1\",command=\"x # y\"")
        #expect(
            AuthorizedKey(found: "cert-authority,principals=\"a,b\" \(anna)")?.blob == AuthorizedKey(found: anna)?.blob)
        #expect(AuthorizedKey(found: "command=\"\(anna)\" \(bert)")?.blob == AuthorizedKey(found: bert)?.blob)
        #expect(AuthorizedKey(found: " # \(anna)") == nil)
        #expect(AuthorizedKey(found: "") == nil)
        #expect(
            try AuthorizedKey(declared: "No-X11-Forwarding,environment=\"A=b,c\" \(carl)").options
                == "No-X11-Forwarding,environment=\"A=b,c\"")
    }
}

/// The scripts themselves, by a real shell on real files.
@Suite(.recorded) struct KeyPlaceScriptTests {
    let files = LocalFileSystem()
    let home: FilePath

    init() throws {
        home = FilePath("/tmp/propel-keys-\(UInt64.random(in: 0 ... .max))")
        try files.createDirectory(home, mode: 0o700, owner: Owner(user: getuid(), group: getgid()))
    }

    private var file: FilePath { home.appending(".ssh/authorized_keys") }

    private func run(_ script: String, _ arguments: [String], input: String = "") async throws -> CommandResult {
        try await LocalCommands().run(
            Invocation("/bin/sh", ["-c", script, "sh", home.string] + arguments, input: Array(input.utf8)))
    }

    /// Never through a link: what that leads to is not the test's.
    private func cleanUp() throws {
        let directory = home.appending(".ssh")
        if try files.status(of: directory)?.kind == .directory {
            for name in try files.list(directory) { try files.remove(directory.appending(name)) }
        }
        for name in try files.list(home) { try files.remove(home.appending(name)) }
        try files.remove(home)
    }

    @Test func `replaces the file whole`() async throws {
        #expect(try await run(KeyPlace.replacement, ["6"], input: "first\n").succeeded)
        #expect(try await run(KeyPlace.replacement, ["7"], input: "second\n").succeeded)
        #expect(try files.text(file) == "second\n")
        #expect(try files.status(of: file)?.mode == 0o600)
        #expect(try files.status(of: home.appending(".ssh"))?.mode == 0o700)
        #expect(try files.list(home.appending(".ssh")) == ["authorized_keys"])
        try cleanUp()
    }

    @Test func `an incomplete content is not put in place`() async throws {
        #expect(try await run(KeyPlace.replacement, ["6"], input: "first\n").succeeded)
        let result = try await run(KeyPlace.replacement, ["60"], input: "seco")
        #expect(!result.succeeded)
        #expect(String(decoding: result.errors, as: UTF8.self) == "the keys arrived incomplete\n")
        #expect(try files.text(file) == "first\n")
        #expect(try files.list(home.appending(".ssh")) == ["authorized_keys"])
        try cleanUp()
    }

    @Test func `a link is not followed`() async throws {
        try files.createDirectory(
            home.appending("elsewhere"), mode: 0o755, owner: Owner(user: getuid(), group: getgid()))
        try files.createLink(home.appending(".ssh"), to: "elsewhere")
        #expect(try await !run(KeyPlace.replacement, ["6"], input: "first\n").succeeded)
        #expect(try files.list(home.appending("elsewhere")) == [])
        #expect(try files.status(of: home.appending("elsewhere"))?.mode == 0o755)
        try cleanUp()
    }

    @Test func `the file that a link of root leads to is replaced beside its place`() async throws {
        let own = Owner(user: getuid(), group: getgid())
        try files.createDirectory(home.appending(".ssh"), mode: 0o700, owner: own)
        try files.createLink(file, to: "../shared")
        try files.replace(home.appending("shared"), with: Array("first\n".utf8), mode: 0o600, owner: own)
        let shared = home.appending("shared")
        #expect(try await run(KeyPlace.replacement, ["7", shared.string], input: "second\n").succeeded)
        #expect(try files.text(shared) == "second\n")
        #expect(try files.status(of: file)?.kind == .link)
        #expect(try files.list(home) == [".ssh", "shared"])
        try cleanUp()
    }

    @Test func `a link in the files place is replaced and not written through`() async throws {
        #expect(try await run(KeyPlace.replacement, ["6"], input: "first\n").succeeded)
        try files.replace(
            home.appending("other"), with: Array("other\n".utf8), mode: 0o600,
            owner: Owner(user: getuid(), group: getgid()))
        try files.remove(file)
        try files.createLink(file, to: "../other")
        #expect(try await run(KeyPlace.replacement, ["7"], input: "second\n").succeeded)
        #expect(try files.text(home.appending("other")) == "other\n")
        #expect(try files.text(file) == "second\n")
        try cleanUp()
    }

    @Test func `the content is on the disk before its name leads to it`() async throws {
        let noted = "sync() { echo \"sync $1\"; }; mv() { echo mv; command mv \"$@\"; }; "
        let result = try await run(noted + KeyPlace.replacement, ["6"], input: "first\n")
        #expect(result.text == "sync .authorized_keys.propel\nmv\nsync .\n")
        try cleanUp()
    }
}
