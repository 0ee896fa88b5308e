import Foundation
import Propel
import Properties
import Sandbox
import SecretStore
import Testing

@testable import PropelCLI

@Suite final class CheckoutTests: Sendable {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "checkout-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static let fleet = Fleet(
        Role("plain", runs: Debian.self) { host in Hostname(host.name) },
        Role("web", runs: Debian.self, keys: ["versioned"]) { host in
            if try host.bool("versioned") ?? true { File("/etc/version", host.tag ?? "") }
            Hostname(host.name)
        },
        Role("stacks", runs: Debian.self) { host in File("/etc/version", host.tag(of: "shop") ?? "") })

    private func problems(of host: String, tag: String? = nil, _ conf: String) throws -> String? {
        try problems(of: host, setting: tag.map { TagSetting($0) }, conf)
    }

    private func problems(of host: String, setting: TagSetting?, _ conf: String) throws -> String? {
        try conf.write(to: folder.appending(path: "hosts.conf"), atomically: true, encoding: .utf8)
        return Fleet.$current.withValue(Self.fleet) {
            do {
                _ = try Checkout(root: folder).targets([host], tag: setting)
                return nil
            } catch { return "\(error)" }
        }
    }

    @Test func `the command that sets a missing secret works where a host and a role have one name`() async throws {
        try "[web]\nrole = \"web\"\n".write(
            to: folder.appending(path: "hosts.conf"), atomically: true, encoding: .utf8)
        let fleet = Fleet(
            Role("web", runs: Debian.self) { _ in File("/etc/key", "\(Secret("api-key"))", mode: 0o600) })
        let checkout = Checkout(root: folder)
        let (message, names) = try await Fleet.$current.withValue(fleet) {
            var message = ""
            do { _ = try await checkout.deployableTargets(["web"]) } catch { message = "\(error)" }
            return (message, try checkout.contextNames)
        }
        #expect(message.contains("\n  propel secret set api-key --for host:web\n"), "\(message)")
        #expect(message.contains("\n`--for role:web` is for all hosts"), "\(message)")
        #expect(try names.context("host:web") == .host("web"))
        #expect(try names.context("role:web") == .role("web"))
    }

    private static let fleetOfPeers = Fleet(
        Role("web", runs: Debian.self) { host in
            File("/etc/database", try host.fleet["db1"].address)
            let peers = try host.fleet.hosts(role: "web").map { "\($0.name) \($0.tag ?? "")\n" }
            File("/etc/peers", peers.joined())
            File("/etc/own", host.tag ?? "")
        },
        Role("db", runs: Debian.self) { host in Hostname(host.name) },
        Role("mistyped", runs: Debian.self) { host in File("/etc/database", try host.fleet["bd1"].address) },
        Role("role", runs: Debian.self) { host in
            for other in try host.fleet.hosts(role: "wbe") { File("/etc/peer", other.name) }
        },
        Role("sandboxed", runs: Debian.self) { host in File("/etc/database", try host.fleet["try"].address) })

    /// The host with a name, of a hosts.conf whose roles read each other's hosts.
    private func host(_ name: String, tag: TagSetting? = nil, _ conf: String) throws -> Propel.Host {
        try conf.write(to: folder.appending(path: "hosts.conf"), atomically: true, encoding: .utf8)
        return try Fleet.$current.withValue(Self.fleetOfPeers) {
            try Checkout(root: folder).targets([name], tag: tag)[0].host
        }
    }

    @Test func `a change of one entry changes the hosts that read it and no others`() throws {
        let web = "[web1]\nrole = \"web\"\n[web2]\nrole = \"web\"\n", db = "[db1]\nrole = \"db\"\n"
        let before = try host("web1", web + db), after = try host("web1", web + db + "address = \"192.0.2.7\"\n")
        #expect(before.fleetHosts.map(\.name) == ["web1", "web2", "db1"])
        #expect(before.stepHashes[0] != after.stepHashes[0])
        #expect(before.stepHashes[1...] == after.stepHashes[1...])
        let unread = db + "address = \"192.0.2.7\"\n" + web
        #expect(try host("db1", web + db).stepHashes == host("db1", unread).stepHashes)
        #expect(try host("db1", web + db).fleetHosts.isEmpty)
    }

    @Test func `a tag of the command line is the one that the role sees in the fleet`() throws {
        let conf = "[web1]\nrole = \"web\"\n[db1]\nrole = \"db\"\n"
        let tagged = try host("web1", conf.replacing("\"web\"", with: "\"web\"\ntag = \"v2\""))
        #expect(try host("web1", tag: TagSetting("v2"), conf).stepHashes == tagged.stepHashes)
        #expect(try host("web1", conf).stepHashes != tagged.stepHashes)
    }

    @Test func `an unknown host or role is named with its place and the nearest`() throws {
        func problem(_ role: String) throws -> String {
            let conf = "[a]\nrole = \"\(role)\"\n[db1]\nrole = \"db\"\n[try]\nrole = \"db\"\nsandbox = true\n"
            do {
                _ = try host("a", conf)
                return ""
            } catch { return "\(error)" }
        }
        let mistyped = try problem("mistyped")
        #expect(
            mistyped.hasPrefix("hosts.conf:1: a: unknown host “bd1” at Sources/PropelCLITests/CheckoutTests.swift:"))
        #expect(mistyped.hasSuffix(": did you mean “db1”?"))
        let unknownRole = try problem("role")
        #expect(
            unknownRole.hasPrefix("hosts.conf:1: a: unknown role “wbe” at Sources/PropelCLITests/CheckoutTests.swift:"))
        #expect(unknownRole.hasSuffix(": did you mean “web”?"))
        #expect(try problem("sandboxed").hasSuffix(" is a sandbox: only sandboxes see it"))
    }

    @Test func `a sandbox needs root, before anything is asked or built`() throws {
        try "[a]\nrole = \"plain\"\nsandbox = true\n\n[b]\nrole = \"plain\"\n".write(
            to: folder.appending(path: "hosts.conf"), atomically: true, encoding: .utf8)
        let targets = try Fleet.$current.withValue(Self.fleet) { try Checkout(root: folder).targets(["a", "b"]) }
        #expect(throws: SandboxError.self) { try targets[0].requireReachable(as: 1000) }
        try targets[0].requireReachable(as: 0)
        try targets[1].requireReachable(as: 1000)
    }

    @Test func `the connection to a machine is prepared while its role is evaluated`() async throws {
        try "[a]\nrole = \"plain\"\n".write(
            to: folder.appending(path: "hosts.conf"), atomically: true, encoding: .utf8)
        let isPrepared = try await Fleet.$current.withValue(Self.fleet) {
            try await Checkout(root: folder).deployableTargets(["a"])[0].preparation != nil
        }
        #expect(isPrepared)
    }

    @Test func `a tag that no part of the role reads is refused`() throws {
        let message = "the tag “v2” has no effect: no part of the role"
        let plain = "[a]\nrole = \"plain\"\n", web = "[a]\nrole = \"web\"\n"
        #expect(try problems(of: "a", plain + "tag = \"v2\"\n")?.hasPrefix("a: \(message) plain reads it") == true)
        #expect(try problems(of: "a", tag: "v2", plain)?.contains(message) == true)
        #expect(try problems(of: "a", plain) == nil)
        #expect(try problems(of: "a", web + "tag = \"v2\"\n") == nil)
        #expect(try problems(of: "a", tag: "v2", web) == nil)
        #expect(try problems(of: "a", tag: "v2", web + "versioned = false\n")?.contains(message) == true)
    }

    @Test func `the tag of a stack that no part of the role reads is refused`() throws {
        let plain = "[a]\nrole = \"plain\"\n", stacks = "[a]\nrole = \"stacks\"\n"
        let message = "a: the tag “v2” of “shop” has no effect: no part of the role plain reads it"
        #expect(try problems(of: "a", plain + "tags = { shop = \"v2\" }\n")?.hasPrefix(message) == true)
        #expect(try problems(of: "a", setting: TagSetting("v2", ofStack: "shop"), plain)?.hasPrefix(message) == true)
        #expect(try problems(of: "a", setting: TagSetting("v2", ofStack: "shop"), stacks) == nil)
        #expect(try problems(of: "a", stacks + "tag = \"v1\"\n") == nil, "it is that of all stacks")
        #expect(try problems(of: "a", setting: TagSetting("v2", ofStack: "shp"), stacks)?.contains("“shp”") == true)
    }
}
