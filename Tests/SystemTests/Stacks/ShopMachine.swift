import Vocabulary
import Foundation
import Propel
import PropelTesting
import Sandbox
import Subprocess

/// A machine of the role `shop`, with docker and the images of its stack, which cannot be pulled.
struct ShopMachine {
    let machine: TestMachine
    let anna: DeployerKey
    /// Of what its entry in hosts.conf has besides its role.
    let password: String

    /// Boots one that the end of the test removes, with the images of the stack.
    /// - Parameter packages: those that it has from the start; docker by default.
    static func up(suite: DebianRelease, packages: [String] = TestMachine.docker) async throws -> ShopMachine {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>")
        let machine = try await TestMachine.up(role: "shop", keys: "tag = \"v1\"", suite: suite, packages: packages)
        // A password with characters that are special to shells.
        let shop = ShopMachine(machine: machine, anna: anna, password: "it's $HOME \"\(UUID().uuidString)\" ${x}#")
        try await machine.configuration.accredit(anna)
        try await machine.configuration.set("database-password", to: Array(shop.password.utf8), by: anna)
        try await shop.install()
        return shop
    }

    /// Boots a second one, whose entry in hosts.conf names this one. Both are described.
    func clone(suite: DebianRelease) async throws -> ShopMachine {
        let name = machine.name + "-copy"
        let copy = ShopMachine(
            machine: TestMachine(
                name: name, sandbox: try await Sandbox.forTest(named: name, suite, packages: TestMachine.docker),
                configuration: machine.configuration),
            anna: anna, password: password)
        try machine.configuration.write(
            hosts: """
                [\(machine.name)]
                role = "shop"
                tag = "v1"
                sandbox = true
                suite = "\(machine.sandbox.suite.rawValue)"

                [\(name)]
                role = "shop"
                tag = "v1"
                from = "\(machine.name)"
                sandbox = true
                suite = "\(suite.rawValue)"

                """)
        try await copy.install()
        return copy
    }

    /// Docker, and the images of the stack.
    private func install() async throws {
        let scripts = Configuration.repository.appending(path: "Tests/SystemTests/Stacks").path
        let archive = "/var/cache/propel/images/root-2.tar"
        _ = try await Configuration.run("bash", ["\(scripts)/make-root", archive])
        let docker = try await machine.configuration.propel(
            [machine.name, "--only", "docker", "--only", "docker compose"], environment: anna.environment)
        guard docker.status == 0 else { throw Unexpected("\(docker)") }
        for (source, name) in [(archive, "root.tar"), ("\(scripts)/build", "build")] {
            try copyProgram(from: source, to: "\(machine.disk)/root/root/\(name)")
        }
        try await machine.ssh("/root/build /root/root.tar && rm /root/root.tar")
    }

    func propel(_ arguments: String...) async throws -> Answer {
        try await machine.configuration.propel(arguments, environment: anna.environment)
    }

    func deploy(_ keys: String = "tag = \"v1\"") async throws -> Answer {
        try machine.describe(role: "shop", keys: keys)
        return try await propel(machine.name, "--json")
    }

    /// By the names of the services, the ids of the containers.
    func containers() async throws -> [String: String] {
        let format = #"{{.Label "com.docker.compose.service"}} {{.ID}}"#
        let lines = try await machine.ssh(
            "docker ps --all --no-trunc --filter label=com.docker.compose.project=shop --format '\(format)'")
        return Dictionary(
            uniqueKeysWithValues: lines.split(separator: "\n").map { line in
                let words = line.split(separator: " ").map(String.init)
                return (words[0], words[1])
            })
    }

    /// The shop's answer to a request from outside; nil if there is no answer.
    func ask(_ question: String) async -> String? {
        try? await Configuration.run(
            "curl",
            ["--silent", "--fail", "--max-time", "2", "http://\(machine.sandbox.address):8080/cgi-bin/do?\(question)"]
        )
        .trimmingCharacters(in: .newlines)
    }

    func waitFor(_ question: String, _ answer: String) async throws {
        try await eventually("the shop says \(answer)") { await ask(question) == answer }
    }

    func sql(_ statement: String) async throws -> String {
        try await machine.ssh(
            "docker exec $(docker ps --quiet --filter label=com.docker.compose.service=db) psql -U postgres -Atqc "
                + "'\(statement)' shop"
        )
    }
}
