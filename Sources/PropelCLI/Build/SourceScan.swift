import Foundation

/// A look at the sources that begins with the program, while the command line is parsed.
struct SourceScan: Sendable {
    @TaskLocal static var current: SourceScan?

    private let root: URL
    private let task: Task<String, Never>

    /// Begins a scan of the checkout that the current directory is in; nil if it is in none.
    init?() {
        guard let root = try? Checkout.containingWorkingDirectory().root else { return nil }
        self.root = root
        task = Task.detached { Freshness(root: root).sources() }
    }

    /// The sources as they were when the program began; as they are now if no scan of this folder was begun.
    static func sources(of root: URL) async -> String {
        guard let current, current.root == root else { return Freshness(root: root).sources() }
        return await current.task.value
    }
}
