import Foundation
import Git
import SecretStore

/// The dates on which secrets were last changed, from git.
struct SecretHistory {
    enum Change: CustomStringConvertible {
        /// The date, such as `2026-11-21`.
        case committed(String)
        case notCommitted
        /// The configuration is in no repository.
        case unknown

        var description: String {
            switch self {
            case .committed(let date): date
            case .notCommitted: "not committed"
            case .unknown: "-"
            }
        }
    }

    /// By absolute path; nil without a repository.
    private let dates: [String: String]?

    init(of checkout: Checkout) async {
        do {
            // Links are resolved: git names files under the top of the work tree.
            let folder = checkout.secretStore.folder.resolvingSymlinksInPath()
            let repository = try await Repository(containing: checkout.root.path)
            let root = URL(filePath: repository.root).resolvingSymlinksInPath().path + "/"
            guard folder.path.hasPrefix(root) else {
                dates = nil
                return
            }
            let path = String(folder.path.dropFirst(root.count))
            var dates = try await repository.lastChanges(under: path)
            for change in try await repository.status(of: [path]).changes { dates[change.path] = nil }
            self.dates = Dictionary(uniqueKeysWithValues: dates.map { (root + $0.key, $0.value) })
        } catch {
            dates = nil
        }
    }

    func change(of secret: StoredSecret) -> Change {
        guard let dates else { return .unknown }
        return dates[secret.file.resolvingSymlinksInPath().path].map { .committed($0) } ?? .notCommitted
    }
}
