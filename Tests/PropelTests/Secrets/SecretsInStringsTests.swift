import Propel
import Testing

@Suite struct SecretsInStringsTests {
    private func problems(
        @PropertyBuilder<Debian> _ properties: @escaping @Sendable (HostEntry) -> [Declaration]
    ) throws
        -> [String]
    {
        let role = Role("web", runs: Debian.self, properties)
        return try role.host(for: HostEntry(name: "a", role: "web")).problems
    }

    @Test func `a secret in a String is a problem`() throws {
        let found = try problems { _ in Flag("password=" + String(describing: Secret("db-password"))) }
        #expect(found.count == 1)
        #expect(found.first?.contains("the secret db-password is put into a String") == true)
        #expect(found.first?.contains("Content") == true)
    }

    @Test func `a secret in a Content is no problem`() throws {
        let found = try problems { _ in
            let content: Content = "password=\(Secret("db-password"))"
            Flag("password", claims: [Claim("the file", is: content.form)])
        }
        #expect(found.isEmpty)
    }

    @Test func `outside of a role a secret may be printed`() throws {
        _ = String(describing: Secret("other"))
        #expect(try problems { _ in Flag("a") }.isEmpty)
    }
}
