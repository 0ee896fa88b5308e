extension Stack: CompositeProperty {
    public typealias Target = DebianLike

    public var body: [Declaration] {
        let docker = PropertyGroup("docker", for: DebianLike.self) {
            Docker.Engine()
            Docker.Compose()
        }
        let volumes = PropertyGroup("volumes", for: DebianLike.self) {
            for volume in dataVolumes where volume.directory == nil { Docker.Volume(volume.source) }
            for directory in dataDirectories { directory }
        }
        let images = PropertyGroup("images", for: DebianLike.self) {
            for image in dockerImages { image }
        }
        let networks = PropertyGroup("networks", for: DebianLike.self) {
            for network in self.networks.compactMap(\.dockerName) { Docker.Network(network) }
        }
        docker
        volumes.requires(docker)
        networks.requires(docker)
        images.requires(docker)
        // After the images: containers must not stand still in vain.
        let backup = BackupBeforeChange(stack: self).requires(volumes).requires(images)
        backup
        for repository in backupCopies { BackupsCopied(stack: self, repository: repository).requires(backup) }
        if let origin {
            let cloned = DataCloned(stack: self, origin: origin).requires(volumes).requires(networks).requires(images)
                .requires(backup)
            cloned
            StackDeployment(stack: self).requires(cloned)
        } else {
            StackDeployment(stack: self).requires(volumes).requires(networks).requires(images).requires(backup)
        }
        SystemdUnit(bootUnit, bootUnitText).requires(StackDeployment(stack: self))
        Service(bootUnit).requires(StackDeployment(stack: self))
        for expectation in expectations { expectation.requires(StackDeployment(stack: self)) }
    }

    /// The images of its containers, each once.
    private var dockerImages: [Docker.Image] {
        var seen: Set<String> = []
        return containers.filter { seen.insert($0.image).inserted }.map(\.dockerImage)
    }

    /// The directories of its volumes, each once.
    private var dataDirectories: [DataDirectory] {
        var seen: Set<String> = []
        return containers.flatMap(\.volumes).compactMap { volume in
            guard case .directory(let path, let owner, let group, let mode) = volume.place,
                seen.insert(volume.name).inserted
            else { return nil }
            return DataDirectory(
                stack: self, volume: volume.name, path: path, owner: owner, group: group, mode: mode)
        }
    }
}
