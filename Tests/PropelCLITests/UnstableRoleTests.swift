import Foundation
import HostsConf
import Properties
import Synchronization
import Testing

@testable import PropelCLI

/// A role must describe the same each time. `show`, `plan` and a deployment refuse another one.
@Suite struct UnstableRoleTests {
    /// Why the role of the host is refused; nil if it is not.
    private func refusal(of role: Role) throws -> String? {
        let folder = try PackageFolder()
        try folder.write("[web1]\nrole = \"web\"\n", "hosts.conf")
        do {
            _ = try Fleet.$current.withValue(Fleet(role)) { try Checkout(root: folder.root).targets(["web1"]) }
            return nil
        } catch let error as UsageError {
            return error.description
        }
    }

    @Test func `a random number in a role is refused with the property`() throws {
        let message = try refusal(
            of: Role("web", runs: Debian.self) { _ in File("/etc/token", "\(UInt64.random(in: .min ... .max))\n") })
        #expect(message?.contains("describes something else each time") == true, "\(message ?? "")")
        #expect(message?.contains("“file /etc/token”, the path /etc/token") == true, "\(message ?? "")")
        #expect(message?.contains("random number") == true, "\(message ?? "")")
    }

    @Test func `a property that comes and goes is refused`() throws {
        let count = Mutex(0)
        let role = Role("web", runs: Debian.self) { _ in
            File("/etc/a", "a\n")
            if count.withLock({ count in
                count += 1
                return count % 2 == 0
            }) {
                File("/etc/b", "b\n")
            }
        }
        #expect(try refusal(of: role)?.contains("“file /etc/b”") == true)
    }

    /// Hashing is the same in every process, and so is their order.
    @Test func `a dictionary in a role is accepted`() throws {
        let sites = Dictionary(uniqueKeysWithValues: (0..<40).map { ("site\($0)", $0) })
        let role = Role("web", runs: Debian.self) { _ in
            for (name, number) in sites { File(FilePath("/etc/\(name)"), "\(number)\n") }
        }
        #expect(try refusal(of: role) == nil)
    }
}
