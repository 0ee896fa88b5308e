import PropelTesting
import Testing

@testable import Propel
@testable import Properties

/// Machines and copies for the tests of clones.
extension FakeStack {
    /// The stack with further parts.
    /// - Parameter origin: the host that its data are from; nil for none.
    func stack(with parts: [any StackPart], from origin: String? = nil) -> Stack {
        let model = stack()
        return Stack("shop", healthTimeout: model.healthTimeout, dataFrom: origin) {
            model.containers
            parts
        }.polling(every: .zero)
    }

    /// A machine on which nothing was ever deployed, with a compose that makes the containers.
    func makeNew() throws {
        for name in ["data", "uploads", "words", "cache"] { try remove("\(name)/file") }
        let containers = docker.state.withLock { state in
            defer { state.containers = [:] }
            return state.containers.mapValues { one in
                var made = one
                made.state = "created"
                return made
            }
        }
        fake.files.put("/usr/bin/docker-compose", "")
        fake.commands.program("docker-compose") { [docker] command in
            if command.arguments.contains("--no-start") {
                docker.state.withLock { if $0.containers.isEmpty { $0.containers = containers } }
            }
            return .printing()
        }
    }

    /// Puts a copy there as it arrives, and takes it.
    func arrive(
        _ stack: Stack, id: String = "19700124T033320Z-clone", _ change: (inout Backup) -> Void = { _ in }
    ) async throws {
        let content = Array("rows: new data".utf8), folder = FilePath("/var/backups/propel/shop/.incoming-\(id)")
        var backup = Backup(
            id: id, time: "1970-01-24T03:33:20Z", stack: "shop", why: "data of shop.example.com", before: nil,
            deployment: nil,
            files: [Backup.File(volume: "data", method: .dump, bytes: content.count, sha256: SHA256.hash(content))],
            empty: ["uploads"], origin: "shop.example.com")
        change(&backup)
        let transfer = try await stack.receiving(id, from: "shop.example.com", on: fake.machine)
        #expect(transfer.directory == folder)
        fake.files.put(folder.appending("data.dump"), bytes: content, mode: 0o600)
        fake.files.put(folder.appending("backup.json"), backup.json.pretty, mode: 0o600)
        try await transfer.completion()
    }
}
