import PropelTesting
import Synchronization
import Testing

@testable import Properties

/// An engine with containerd's image store, which names an image by the digest of a manifest.
extension ImageTests {
    private static let manifest = "sha256:" + String(repeating: "cd", count: 32)

    /// - Parameter names: the names in the archive.
    private func plantContainerd(_ names: [String], index: String? = nil) {
        let tags = names.map { "\"\($0)\"" }.joined(separator: ",")
        fake.files.put("/srv/app.tar", "tar")
        fake.commands.program("tar") { command in
            switch command.arguments.last {
            case "manifest.json":
                .printing("[{\"Config\":\"blobs/sha256/\(Self.id.dropFirst(7))\",\"RepoTags\":[\(tags)]}]")
            default:
                index.map { .printing($0) } ?? .failing(2, "tar: index.json: Not found in archive\n")
            }
        }
        fake.commands.program("docker") { [engine] command in
            let words = command.arguments
            switch words[0] {
            case "load":
                engine.images.withLock { images in
                    for name in names.isEmpty ? [Self.manifest] : names { images[name] = (Self.manifest, nil) }
                }
                return .printing(names.isEmpty ? "Loaded image ID: \(Self.manifest)\n" : "")
            case "image" where words[1] == "tag":
                let found = engine.images.withLock { $0[words[2]] }
                guard let found else {
                    return .failing(1, "Error response from daemon: No such image: \(words[2])\n")
                }
                engine.images.withLock { $0[words[3]] = found }
                return .printing()
            default: return try Self.docker(command, engine)
            }
        }
    }

    @Test(arguments: [["app:latest"], ["other:1"], []])
    func `an archive converges in the store of containerd`(_ names: [String]) async throws {
        plantContainerd(names)
        let image = Docker.Image("app", loadedFrom: "/srv/app.tar")
        #expect(try await fake.obeysLaw(image).reason == "load abababababab from /srv/app.tar")
        // An archive with another image, and an image that somebody has put in its place.
        engine.images.withLock { $0["app:latest"] = ("sha256:0", nil) }
        #expect(try await fake.obeysLaw(image).reason == "0 → abababababab, from /srv/app.tar")
    }

    @Test func `the declared ID may be that of containerd`() async throws {
        plantContainerd(["app:latest"], index: "{\"manifests\":[{\"digest\":\"\(Self.manifest)\"}]}")
        for id in [Self.id, Self.manifest] {
            engine.images.withLock { $0 = [:] }
            try await fake.obeysLaw(Docker.Image("app", loadedFrom: "/srv/app.tar", id: id))
        }
        let other = "sha256:" + String(repeating: "0", count: 64)
        engine.images.withLock { $0 = [:] }
        await #expect(throws: Failure.self) {
            try await fake.check(Docker.Image("app", loadedFrom: "/srv/app.tar", id: other))
        }
    }
}
