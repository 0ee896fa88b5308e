import Foundation

extension FileManager {
    /// Removes all but the newest files of a folder, by their modification times. Errors are ignored: what is left
    /// only takes space.
    /// - Parameters:
    ///   - count: the number of files that stay.
    ///   - kept: the name of one that stays besides, however old it is.
    func prune(_ folder: URL, toNewest count: Int, besides kept: String? = nil) {
        let key = URLResourceKey.contentModificationDateKey
        let all = (try? contentsOfDirectory(at: folder, includingPropertiesForKeys: [key])) ?? []
        func date(_ url: URL) -> Date {
            (try? url.resourceValues(forKeys: [key]).contentModificationDate) ?? .distantPast
        }
        let old = all.filter { $0.lastPathComponent != kept }.sorted { date($0) > date($1) }.dropFirst(count)
        for file in old { try? removeItem(at: file) }
    }
}
