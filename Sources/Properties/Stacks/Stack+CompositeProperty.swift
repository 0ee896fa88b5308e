extension Stack: CompositeProperty {
    public typealias Target = DebianLike

    public var body: [Declaration] {
        let docker = PropertyGroup("docker", for: DebianLike.self) {
            Docker.Engine()
            Docker.Compose()
        }
        let volumes = PropertyGroup("volumes", for: DebianLike.self) {
            for volume in dataVolumes where volume.directory == nil { dockerVolume(volume) }
            for directory in dataDirectories { directory }
        }
        let images = PropertyGroup("images", for: DebianLike.self) {
            for container in containers.unique(by: \.image) { container.dockerImage }
            if containers.contains(where: \.asksRegistry) { NewestImages(stack: self) }
        }
        let networks = PropertyGroup("networks", for: DebianLike.self) {
            for network in self.networks.compactMap(\.dockerNetwork) { network }
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

    /// A volume in docker, which must not begin empty where the deployed version had its data.
    private func dockerVolume(_ volume: DataVolume) -> Docker.Volume {
        var property = Docker.Volume(volume.source)
        property.refuseLoss = { machine in
            let used = try StackRecord(of: self, on: machine).current?.volumes ?? []
            guard used.contains(where: { $0.source == volume.source && $0.isBackedUp }) else { return }
            throw Failure(
                "\(volume.source), the volume \(volume.name) of \(name), no longer exists",
                advice:
                    "`docker info --format '{{.DockerRootDir}}'` tells where docker looks for it: if its disk is not "
                    + "mounted, mount it, restart docker and run again. If its data are lost, `docker volume create "
                    + "\(volume.source)` on the machine, run again, and restore a backup: propel backup list HOST.")
        }
        return property
    }

    /// The directories of its volumes, each once.
    private var dataDirectories: [DataDirectory] {
        containers.flatMap(\.volumes).unique(by: \.name).compactMap { volume in
            guard case .directory(let path, let owner, let group, let mode) = volume.place else { return nil }
            return DataDirectory(
                stack: self, volume: volume.name, path: path, owner: owner, group: group, mode: mode)
        }
    }
}
