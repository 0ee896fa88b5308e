extension Stack {
    /// The problems with its volumes.
    var volumeProblems: [String] {
        dataVolumes.flatMap { volume in
            let uses = uses(of: volume)
            let methods = Set(uses.map(\.backup)).subtracting([.archive(while: .stopped)])
            return (methods.count > 1 ? ["the volume \(volume.name) has two backup methods: keep one"] : [])
                + (Set(uses.map(\.place)).count > 1 ? ["the volume \(volume.name) is in two places: keep one"] : [])
                + (uses.allSatisfy { $0.isReadOnly && !$0.isOfOthers }
                    ? ["the volume \(volume.name) is read-only for all its containers"] : [])
                + placeProblems(of: volume)
        } + sharedPlaces
    }

    private func uses(of volume: DataVolume) -> [Volume] {
        containers.flatMap(\.volumes).filter { $0.name == volume.name }
    }

    private func placeProblems(of volume: DataVolume) -> [String] {
        let places = uses(of: volume).map(\.place)
        for case .directory(let path, _, _, _) in places where !path.isAbsolute {
            return ["the volume \(volume.name) is in \(path.string.escaped), which is not absolute: begin with a slash"]
        }
        guard let directory = volume.directory else { return Docker.Volume(volume.source).problems }
        func problem(_ reason: String) -> [String] {
            ["the volume \(volume.name) is in \(directory.string.escaped), \(reason)"]
        }
        guard directory.isLexicallyNormal, directory.components.count > 1 else {
            return problem("and a restore replaces all that is there: use a directory below, such as /srv/\(name)-data")
        }
        if let system = Self.systemDirectories.first(where: { $0.starts(with: directory) || directory.starts(with: $0) }
        ) {
            return problem("but \(system) belongs to the system: use a directory such as /srv/\(name)-data")
        }
        if directory.components.count == 2, directory.starts(with: "/home") {
            return problem("which is the home of a user: use a directory such as /srv/\(name)-data")
        }
        let own = self.directory.lexicallyNormalized()
        if own.starts(with: directory) || isReserved(directory) {
            return problem("but the files of the stack are in \(own): use a directory such as \(own)/data")
        }
        for case .directory(_, _, _, let mode) in places {
            return mode?.problem.map { problem("with an invalid mode: \($0)") } ?? []
        }
        return []
    }

    /// Whether Propel has its own files there.
    private func isReserved(_ path: FilePath) -> Bool {
        let own = directory.lexicallyNormalized()
        guard path.starts(with: own), let name = path.components.dropFirst(own.components.count).first?.string else {
            return false
        }
        return name.hasPrefix(".")
            || (StackFiles.folders + [Snapshot.folderName, Snapshot.formerFolderName]).contains(name)
            || name.hasPrefix("docker-compose.")
    }

    /// The names in the directory of the stack below which there are volumes.
    var dataFolders: [String] {
        let own = directory.lexicallyNormalized()
        return dataVolumes.compactMap(\.directory).filter { $0.starts(with: own) }.compactMap {
            $0.components.dropFirst(own.components.count).first?.string
        }
    }

    /// Volumes of different names whose data are in one place, or one within another.
    private var sharedPlaces: [String] {
        let volumes = dataVolumes
        return volumes.indices.flatMap { index in
            volumes[(index + 1)...].compactMap { other in
                let volume = volumes[index]
                if volume.source == other.source {
                    return
                        "the volumes \(volume.name) and \(other.name) are both in \(volume.source): give them one name"
                }
                guard let first = volume.directory, let second = other.directory,
                    first.starts(with: second) || second.starts(with: first)
                else { return nil }
                return
                    "the volume \(volume.name) in \(first) and \(other.name) in \(second) are one within the other: a "
                    + "restore of one would replace the other"
            }
        }
    }

    /// A restore replaces all that is in a directory.
    private static let systemDirectories: [FilePath] = [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root/.ssh", "/run", "/sbin", "/sys", "/usr", "/var/backups",
        "/var/cache", "/var/lib/apt", "/var/lib/containerd", "/var/lib/docker", "/var/lib/dpkg", "/var/lib/propel",
        "/var/lib/systemd", "/var/log", "/var/spool/cron",
    ]
}
