extension StackRecord {
    /// The volumes in which a container would find nothing although it had data at that path: a renamed volume starts
    /// empty.
    func emptyVolumes(of stack: Stack) -> [String] {
        let former = current?.volumes ?? [], wanted = stack.usedVolumes
        return wanted.compactMap { volume in
            guard !former.contains(where: { $0.source == volume.source }),
                let before = former.first(where: { $0.container == volume.container && $0.path == volume.path }),
                !wanted.contains(where: { $0.source == before.source })
            else { return nil }
            return
                "\(volume.path) of \(volume.container) is in the new volume \(volume.source) from now on; "
                + "\(before.source) is kept, unused"
        }
    }

    /// The volumes of the deployed version that the stack no longer names: they are backed up once more.
    func formerVolumes(of stack: Stack) -> [DataVolume] {
        let present = stack.dataVolumes
        var former: [DataVolume] = []
        for volume in current?.volumes ?? []
        where volume.isBackedUp && !(present + former).contains(where: { $0.source == volume.source }) {
            guard let name = volume.name ?? usualName(of: volume, in: stack) else { continue }
            // Backups have one file for each name.
            let isTaken = (present + former).contains { $0.name == name }
            former.append(
                // Its former method is unknown; its files can be archived while nobody uses them.
                DataVolume(
                    name: isTaken ? name + "-former" : name, source: volume.source, backup: .archive(while: .stopped),
                    containers: current?.volumes.filter { $0.source == volume.source }.map(\.container) ?? []))
        }
        return former
    }

    private func usualName(of volume: UsedVolume, in stack: Stack) -> String? {
        let prefix = stack.name + "_"
        return volume.source.hasPrefix(prefix) ? String(volume.source.dropFirst(prefix.count)) : nil
    }
}
