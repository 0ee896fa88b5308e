import Properties

// Where docs/writing-a-property.md begins. DocumentationExampleTests shows what is wrong with it.

struct NaiveMailAlias: Property {
    typealias Target = DebianLike

    let alias: String
    let recipient: String

    var name: String { "mail alias \(alias)" }

    func check(on machine: Machine) async throws -> Check {
        let text = try machine.files.text("/etc/aliases")
        return text.contains("\(alias):") ? .satisfied : .unmet("absent")
    }

    func apply(on machine: Machine) async throws {
        try await machine.run("sh", "-c", "echo '\(alias): \(recipient)' >> /etc/aliases; newaliases")
    }
}
