/// The record that a machine keeps of a stack: the version that runs, and what its containers were created with.
///
/// Kept under `/var/lib/propel/stacks`, readable by root alone.
struct StackRecord: Sendable, Equatable {
    /// A version with which all containers became healthy.
    struct Deployment: Sendable, Equatable {
        /// Unique, also among deployments of the same version: they have different backups before them.
        var id: String
        /// See ``Stack/version``.
        var version: String
        var dataFormat: Int
        /// The time of the deployment, ISO 8601 in UTC.
        var time: String
        /// The image of each container, by the name of the container.
        var images: [String: String]
        /// The IDs of those images, by the names of the containers. The name of an image may belong to another one by
        /// now.
        var imageIDs: [String: String] = [:]
        /// The names of the one-shot containers, in the order in which they run.
        var oneShots: [String] = []
        /// The volumes of its containers.
        var volumes: [UsedVolume] = []
        /// The snapshot of its files; nil if it has none.
        var snapshot: SnapshotReference?
    }

    /// A volume, as a container had it.
    struct UsedVolume: Sendable, Hashable {
        var container: String
        /// Its name in docker, or the path of its directory.
        var source: String
        /// Where it is mounted in the container.
        var path: String
        var isBackedUp: Bool
        /// Its name in the stack; nil if its name in docker is `STACK_NAME`.
        var name: String?
    }

    /// The name and the hash of a ``Snapshot``.
    struct SnapshotReference: Sendable, Hashable {
        /// The name of its directory.
        var name: String
        /// The hash of all its files: nobody may change what a rollback restores.
        var hash: String
    }

    /// The version that ran before a deployment, for its rollback after it was healthy.
    struct Before: Sendable, Equatable {
        /// The ID of the run that has made the deployment; nil if it is not known.
        var run: String?
        /// The last healthy version; nil if there was none.
        var current: Deployment?
        var containers: [String: Made] = [:]
        var previousImages: [String: String] = [:]
    }

    /// The origin of a container.
    struct Made: Sendable, Equatable {
        /// The ID of the container.
        var id: String
        /// The hash of the files with secrets that it has mounted: docker does not look into those.
        var secretFiles: String
        /// Whether it need not have succeeded: a container that it replaced has done its job to the data before.
        var isExcused = false
        /// The hash of its description; nil if a former version of Propel has created it. See
        /// ``StackFiles/descriptions()``.
        var description: String?
    }

    /// The last healthy version.
    var current: Deployment?
    /// The highest format of the data of a version that was started and did not become healthy; nil if there was none.
    var triedFormat: Int?
    /// The format that the data may have: a version that never became healthy may have converted it. Only a restore
    /// lowers it. Nil if nothing was ever started.
    var dataFormat: Int? { [triedFormat, current?.dataFormat].compactMap(\.self).max() }
    /// The origins of the containers, by their names.
    var containers: [String: Made] = [:]
    /// The IDs of the images that did not become healthy and were rolled back, by the names of the containers. They are
    /// tried again.
    var refusedImages: [String: String] = [:]
    /// The IDs of the images of the version before the last healthy one, by the names of the containers: the host may
    /// be rolled back to it.
    var previousImages: [String: String] = [:]
    /// The version that is being deployed. Until it is healthy, or rolled back, everything that a rollback needs is
    /// kept.
    var pending: String?

    /// The project that ran under the name of the stack before its first deployment, until a second version is
    /// healthy.
    var former: FormerProject?

    /// The version that ran before the last deployment, as long as it is not decided whether that stays: hosts that are
    /// deployed together with this one may fail.
    var before: Before?

    /// Whether nothing of the stack was ever deployed.
    var isEmpty: Bool { current == nil && pending == nil && former == nil }

    /// Whether the containers that docker lists, if there are any, are somebody else's: no deployment has begun. Those
    /// that a copy of another host's data was restored with are Propel's.
    func isTakingOver(by stack: Stack) -> Bool { current == nil && pending == nil && stack.origin == nil }

    /// The IDs of its containers.
    var made: Set<String> { Set(containers.values.map(\.id)) }

    /// The IDs of the containers that need not have succeeded.
    var excused: Set<String> { Set(containers.values.filter(\.isExcused).map(\.id)) }

    /// Whether a container was created by a successful deployment, with these files.
    func isMade(_ found: StackContainers.Found, with secretFiles: String) -> Bool {
        containers[found.name].map { $0.id == found.id && $0.secretFiles == secretFiles } ?? false
    }

    /// Makes a version with which all containers became healthy the current one.
    mutating func succeed(with deployment: Deployment, before: Before?) {
        if let current {
            // From the second version on, a rollback has a version of Propel's to go to.
            if current.version != deployment.version { former = nil }
            // Another version with the same images leaves the images of the one before that.
            if !current.imageIDs.isEmpty, current.imageIDs != deployment.imageIDs { previousImages = current.imageIDs }
        }
        current = deployment
        self.before = before
        pending = nil
        triedFormat = nil
        refusedImages = [:]
    }

    /// Makes these the containers of the stack.
    mutating func take(
        _ found: StackContainers, secretFiles: (String) -> String, description: (String) -> String?,
        isExcused: (StackContainers.Found) -> Bool
    ) {
        containers = Dictionary(
            found.all.map { one in
                let made = Made(
                    id: one.id, secretFiles: secretFiles(one.name), isExcused: isExcused(one),
                    description: description(one.name))
                return (one.name, made)
            }
        ) { first, _ in first }
    }

    /// Whether a container was created from another description. No if that is not known: then compose decides.
    func isDescribedOtherwise(_ name: String, than description: String?) -> Bool {
        guard let known = containers[name]?.description else { return false }
        return known != description
    }

    /// - Throws: ``Failure`` if a version with a newer format of the data than that of `stack` was started.
    func refuseOlderFormat(of stack: Stack) throws {
        guard let format = dataFormat, format > stack.dataFormat else { return }
        throw Failure(
            "the data of \(stack.name) may have format \(format), and this version knows only format "
                + "\(stack.dataFormat)",
            advice:
                "Deploy a version with format \(format), or go back together with the backup that was made before "
                + "the change: propel rollback HOST --to TAG --restore."
        )
    }
}
