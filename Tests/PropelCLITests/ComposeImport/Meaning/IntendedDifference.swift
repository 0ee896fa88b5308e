/// A key that has another value after an import, with the reason. Every other difference is a defect.
enum IntendedDifference: CaseIterable {
    case always, unlessStopped, jobs, healthyDependencies, volumes, networks, readOnlyFiles, filesOfDirectories, images
    case profiles, links

    var reason: String {
        switch self {
        case .always: "a container that somebody has stopped stays stopped when the machine boots"
        case .unlessStopped: "what a stack describes is meant to run, also after the machine has booted"
        case .jobs: "a deployment itself waits for a job: compose would run it again at each boot"
        case .healthyDependencies: "what has a health check is waited for until it is healthy"
        case .volumes: "Propel creates volumes before compose runs, which therefore never removes one"
        case .networks: "several stacks may have a network with a name, which Propel creates before compose runs"
        case .readOnlyFiles: "the content of a file is part of the description: what a container changes would be lost"
        case .filesOfDirectories: "the files of a directory that nobody writes to are part of the description"
        case .images: "Propel builds the image itself, and keeps the one before it for a rollback: it needs a name"
        case .profiles: "a key of hosts.conf says whether a container is there"
        case .links: "a link is an order, and perhaps another name of the other container"
        }
    }

    /// Whether it is the reason for a difference.
    func explains(_ difference: Difference, of projects: ComposePair) -> Bool {
        let key = difference.key, owner = difference.owner
        switch self {
        case .always: return key == "restart" && difference.isChange("always", "unless-stopped")
        case .unlessStopped: return key == "restart" && difference.isChange(nil, "unless-stopped")
        case .jobs: return key.hasPrefix("depends_on ") && difference.isChange("service_completed_successfully", nil)
        case .healthyDependencies:
            return key.hasPrefix("depends_on ") && difference.isChange("service_started", "service_healthy")
        case .volumes: return owner.hasPrefix("volume ") && key == "external" && difference.isChange(nil, "true")
        case .networks: return owner.hasPrefix("network ") && key == "external" && difference.isChange(nil, "true")
        case .readOnlyFiles:
            guard let original = difference.original, original.hasPrefix("file "), original.hasSuffix(" rw") else {
                return false
            }
            return difference.generated == "\(original.dropLast(2))ro"
        case .filesOfDirectories:
            return difference.generated.map { $0 + ComposeMeaning.ofDirectory } == difference.original
        case .images: return key == "image" && difference.isChange(nil, "\(projects.name)-\(owner):latest")
        case .profiles: return key.hasPrefix("profiles ") && difference.generated == nil
        case .links:
            if key.hasPrefix("links ") { return difference.generated == nil }
            guard difference.original == nil else { return false }
            let words = key.split(separator: " ").map(String.init)
            return projects.original.values.keys.contains { place in
                key.hasPrefix("depends_on ") && place.owner == owner
                    && (place.key == "links \(words[1])" || place.key.hasPrefix("links \(words[1]):"))
                    || words.contains("alias") && place.key == "links \(owner):\(words.last ?? "")"
            }
        }
    }
}
