import Synchronization

/// The answers of checks of images: a stack asks about the same image as the property that brings it, and to hash
/// what an image is built from takes long.
final class ImageChecks: MachineFact {
    private let checks = Mutex<[[Claim]: Check]>([:])

    subscript(_ claims: [Claim]) -> Check? {
        get { checks.withLock { $0[claims] } }
        set { checks.withLock { $0[claims] = newValue } }
    }

    static func read(from machine: Machine) async throws -> ImageChecks { ImageChecks() }
}
