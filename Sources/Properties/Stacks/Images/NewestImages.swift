import Synchronization

/// The images of the containers with ``PullPolicy/Condition/always`` are the newest of their names.
struct NewestImages: Property {
    typealias Target = DebianLike

    let stack: Stack

    var name: String { "newest images of \(stack.name), in each run" }

    /// - Throws: ``Undetermined`` if there is no engine yet, ``Failure`` if docker's answer cannot be parsed.
    func check(on machine: Machine) async throws -> Check {
        let outdated = try await outdated(on: machine)
        return outdated.isEmpty
            ? .satisfied : .unmet(outdated.map { "\($0.name): pull the newer \($0.image)" }.joined(separator: "; "))
    }

    func apply(on machine: Machine) async throws {
        try await ImagePull.apply(try await outdated(on: machine).map(\.imagePull), on: machine)
        machine.forgetFacts()
    }

    private func outdated(on machine: Machine) async throws -> [Container] {
        var outdated: [Container] = [], seen: Set<String> = []
        for container in stack.containers where container.asksRegistry && seen.insert(container.image).inserted {
            if try await container.isOutdated(on: machine) { outdated.append(container) }
        }
        return outdated
    }
}

extension Container {
    /// Whether its registry is asked for a newer image. A digest always means the same one.
    var asksRegistry: Bool { pullsAlways && origin == .registry && !image.contains("@") }

    /// Whether its registry has another image of this name than the machine. One that is missing is pulled anyway.
    /// - Throws: see ``ImageDigest``.
    func isOutdated(on machine: Machine) async throws -> Bool {
        guard let present = try await ImageDigest.present(of: image, on: machine),
            let newest = try await machine.fact(NewestDigests.self).digest(of: image, on: machine)
        else { return false }
        return !present.contains(newest)
    }
}

/// The answers of registries in this run: each is asked once for an image.
final class NewestDigests: LastingFact {
    private let known = Mutex<[String: String?]>([:])

    /// The digest that a registry has for an image; nil if it cannot be asked.
    func digest(of image: String, on machine: Machine) async throws -> String? {
        if let digest = known.withLock({ $0[image] }) { return digest }
        machine.showProgress("asking for \(image)")
        let digest = try await ImageDigest.newest(of: image, on: machine)
        known.withLock { $0[image] = .some(digest) }
        return digest
    }

    static func read(from machine: Machine) async throws -> NewestDigests { NewestDigests() }
}
