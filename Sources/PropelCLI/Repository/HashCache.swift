import Foundation

/// The hashes of files, so that they are read again only if stat(2) says something else. Those of large files are kept
/// for later runs: `.build/propel-files`.
struct HashCache {
    private let file: URL
    private var known: [String: String]
    /// Of the small files, which several hosts may use.
    private var ofThisRun: [String: String] = [:]
    private var hasChanged = false

    /// The size in bytes from which a hash is worth remembering.
    private static let sizeLimit = 1 << 20

    init(of checkout: Checkout) {
        file = PackageLayout(root: checkout.root).buildFolder.appending(path: "propel-files")
        known = [:]
        for line in ((try? String(contentsOf: file, encoding: .utf8)) ?? "").nonEmptyLines where line.utf8.count > 65 {
            known[String(line.dropFirst(65))] = String(line.prefix(64))
        }
    }

    /// The hash of a file.
    mutating func hash(of entry: RepositoryFolder.Entry, in folder: RepositoryFolder) throws -> String {
        let key = "\(entry.state) \(entry.path)"
        if let hash = known[key] ?? ofThisRun[key] { return hash }
        let hash = try folder.hash(of: entry.path)
        guard entry.size >= Self.sizeLimit else {
            ofThisRun[key] = hash
            return hash
        }
        known = known.filter { !$0.key.hasSuffix(" \(entry.path)") }
        known[key] = hash
        hasChanged = true
        return hash
    }

    /// Writes it. The next run is slower if that fails.
    func save() {
        guard hasChanged else { return }
        try? known.map { "\($0.value) \($0.key)\n" }.sorted().joined().write(
            to: file, atomically: true, encoding: .utf8)
    }
}
