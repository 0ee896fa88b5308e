extension Docker {
    /// Images that nothing needs are removed, once they are old and newer ones of the same name are there.
    ///
    ///     Docker.ImagesPruned(olderThan: .days(30), keeping: 3)
    ///
    /// These always stay:
    ///
    /// - the image of any container, whether it runs or not;
    /// - the images that a stack was deployed with, those of the version before it, and those of the compose project
    ///   that it has taken over: a rollback may go back to them. This holds for stacks that the host no longer
    ///   declares, too;
    /// - images that the host declares, by ``Docker/Image`` or in a stack;
    /// - images that cannot be pulled again: those that were built or loaded here, and with containerd's image store
    ///   those that their registry does not have, or cannot be asked for;
    /// - the base of an image that stays: they share their layers, so its removal would free nothing.
    ///
    /// The age counts from when an image got its last name here, or from its creation if that was later. A plan names
    /// what it would remove, with sizes that include layers which other images share. While a stack that is declared
    /// before it is about to be deployed, it cannot tell what the former version leaves.
    ///
    /// - Note: An image that only `docker run --rm` uses from time to time has no container. Declare it with
    ///   ``Docker/Image``, and it stays.
    public struct ImagesPruned: HostDependent {
        public typealias Target = DebianLike

        /// The age from which an image is removed.
        public let age: Duration
        /// How many images of each repository are kept beside those that are needed.
        public let count: Int
        /// The names of the images that the host declares.
        private var declared: [String] = []
        /// Returns the name of a stack that has to be deployed first; nil if there is no such stack.
        private var undeployed: @Sendable (Machine) async throws -> String? = { _ in nil }

        /// - Parameters:
        ///   - age: the age from which an image is removed, such as `.days(30)`.
        ///   - count: how many images of each repository (`shop/app`) are kept whatever their age, the newest, beside
        ///     those that are needed anyway; 3 by default.
        public init(olderThan age: Duration, keeping count: Int = 3) {
            self.age = age
            self.count = count
        }

        public var name: String { "unused docker images" }

        public var claims: [Claim] {
            [Claim("how long unused docker images are kept", is: "\(age.inWords), and \(count) of each repository")]
        }

        public var problems: [String] {
            (age >= .zero ? [] : ["the age of images that are removed is negative: write .days(30)"])
                + (count >= 0 ? [] : ["the number of images that are kept is negative: write 0 or more"])
        }

        public func adapted(to steps: [Step]) -> ImagesPruned {
            var pruned = self
            let stacks = steps.compactMap { ($0.property as? StackDeployment)?.stack }
            pruned.declared =
                steps.compactMap { ($0.property as? Docker.Image)?.image } + stacks.flatMap(\.containers).map(\.image)
            // What is deployed after this cannot change what it finds.
            let before = steps.prefix { !($0.property is ImagesPruned) }.compactMap { $0.property as? StackDeployment }
            pruned.undeployed = { machine in
                for deployment in before where try await deployment.check(on: machine) != .satisfied {
                    return deployment.stack.name
                }
                return nil
            }
            return pruned
        }

        /// - Throws: ``Undetermined`` if there is no engine yet, or a stack is about to be deployed; ``Failure`` if a
        ///   record of a stack, or docker's answer, cannot be parsed.
        public func check(on machine: Machine) async throws -> Check {
            let all = try await StoredImage.all(on: machine)
            // Most runs end here, with two questions.
            guard all.contains(where: { isOld($0, on: machine) && !$0.isKeptByStack }) else { return .satisfied }
            // A deployment changes which images are needed.
            if let stack = try await undeployed(machine) { throw Undetermined(until: "the stack \(stack) is deployed") }
            let images = try await unneeded(of: all, on: machine)
            return .unmet(unlessEmpty: images.map { "remove \($0.words) (\($0.wholeSize))" })
        }

        public func apply(on machine: Machine) async throws {
            var first: (any Error)?
            for image in try await unneeded(of: try await StoredImage.all(on: machine), on: machine) {
                // Never by force: docker itself refuses what a container has begun to use.
                let removal = DockerCommand.remove(images: image.references)
                let result = try await machine.run(removal)
                if !result.succeeded, first == nil { first = CommandFailure(command: removal, result: result) }
            }
            if let first { throw first }
        }

        // MARK: - What is not needed

        /// Whether an image may be removed as far as it alone tells.
        private func isOld(_ image: StoredImage, on machine: Machine) -> Bool {
            image.canBePulled && image.isOlder(than: machine.now.seconds - Int(age.components.seconds))
        }

        /// The images to remove, oldest first.
        private func unneeded(of all: [StoredImage], on machine: Machine) async throws -> [StoredImage] {
            let needed = try await NeededImages(declared: declared, on: machine)
            let spare = all.filter { $0.canBePulled && !needed.contain($0) }
            let newest = newest(of: spare)
            let old = spare.filter { isOld($0, on: machine) && !newest.contains($0.id) }
            return try await withoutBases(old, of: all, on: machine).sorted {
                ($0.time ?? 0, $0.id) < ($1.time ?? 0, $1.id)
            }
        }

        /// The IDs of the newest images of each repository.
        private func newest(of images: [StoredImage]) -> Set<String> {
            var kept: Set<String> = []
            for repository in Set(images.flatMap(\.repositories)) {
                let own = images.filter { $0.repositories.contains(repository) }
                // One whose age is unknown is not removed anyway.
                kept.formUnion(
                    own.sorted { ($1.time ?? .max, $1.id) < ($0.time ?? .max, $0.id) }.prefix(max(0, count)).map(\.id))
            }
            return kept
        }

        /// Leaves out what the registry does not have, and the bases of what stays.
        private func withoutBases(
            _ images: [StoredImage], of all: [StoredImage], on machine: Machine
        ) async throws -> [StoredImage] {
            var removed = images
            if !images.isEmpty, try await StoredImage.isStoreOfContainerd(on: machine) {
                removed = []
                for image in images where try await image.isInRegistry(on: machine) { removed.append(image) }
            }
            let ids = Set(removed.map(\.id)), kept = all.filter { !ids.contains($0.id) }
            return removed.filter { image in !kept.contains { image.isBase(of: $0) } }
        }
    }
}
