extension StackRecord {
    /// The volumes in which a container would find nothing although it had data at that path: a renamed volume starts
    /// empty.
    func emptyVolumes(of stack: Stack) -> [String] {
        let former = current?.volumes ?? [], wanted = stack.usedVolumes
        return wanted.compactMap { volume in
            guard !former.contains(where: { $0.dockerName == volume.dockerName }),
                let before = former.first(where: { $0.container == volume.container && $0.path == volume.path }),
                !wanted.contains(where: { $0.dockerName == before.dockerName })
            else { return nil }
            return
                "\(volume.path) of \(volume.container) is in the new volume \(volume.dockerName) from now on; "
                + "\(before.dockerName) is kept, unused"
        }
    }

    /// The volumes of the deployed version that the stack no longer names: they are backed up once more.
    func formerVolumes(of stack: Stack) -> [DataVolume] {
        let present = Set(stack.dataVolumes.map(\.dockerName)), prefix = stack.name + "_"
        var names: [String] = []
        for volume in current?.volumes ?? []
        where volume.isBackedUp && !present.contains(volume.dockerName) && !names.contains(volume.dockerName) {
            names.append(volume.dockerName)
        }
        return names.filter { $0.hasPrefix(prefix) }.map { dockerName in
            // Its former method is unknown; its files can be archived while nobody uses them.
            DataVolume(
                name: String(dockerName.dropFirst(prefix.count)), dockerName: dockerName,
                backup: .archive(while: .stopped),
                containers: current?.volumes.filter { $0.dockerName == dockerName }.map(\.container) ?? [])
        }
    }
}
