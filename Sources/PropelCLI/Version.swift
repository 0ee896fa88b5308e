import Foundation
import Git

/// The version of Propel.
enum Version {
    static let number = "0.2.0"
    /// The day of the release, as `YYYY-MM-DD`.
    static let date = "2026-11-29"

    /// The version with the commit of the sources that this program was compiled from: `0.2.0 (785ebbb1234d)`.
    ///
    /// The commit is read from git where those sources are, in this repository or in the checkout that SwiftPM makes
    /// of it for another package. It is left out if they are not in a repository.
    static func description() async -> String {
        guard let commit = await commit(ofSources: #filePath) else { return number }
        return "\(number) (\(commit))"
    }

    /// The commit that the repository of a source file is at, and whether it has uncommitted changes.
    static func commit(ofSources file: String) async -> String? {
        let folder = URL(filePath: file).deletingLastPathComponent().path
        guard let repository = try? await Repository(containing: folder), let head = try? await repository.head() else {
            return nil
        }
        let isClean = (try? await repository.isClean()) ?? true
        return "\(head)" + (isClean ? "" : ", with uncommitted changes")
    }
}
