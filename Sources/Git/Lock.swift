import Foundation
import PlainText

extension GitError {
    /// A lock file of git that stands in the way.
    public struct Lock: Sendable, Equatable, CustomStringConvertible {
        /// The lock file.
        public let path: String
        /// When it was made.
        public let since: Date?
        /// The git processes that work in this repository now, as `git rebase (process 123)`.
        public let processes: [String]

        /// From git's words: `Unable to create '/repo/.git/index.lock': File exists.`
        init?(words: String) {
            guard let match = words.firstMatch(of: #/Unable to create '((?s:.+?)\.lock)': File exists/#) else {
                return nil
            }
            path = String(match.1)
            since = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
            processes = Self.gitProcesses(beside: path)
        }

        public var description: String {
            let age = since.map { " since \($0.formatted(.iso8601))" } ?? ""
            if processes.isEmpty {
                return """
                    git's lock \(path) is there\(age), and no git is at work in this repository: it was left by one that crashed.
                    Remove it, then run again: rm -- \(ShellQuoting.quote(path))
                    """
            }
            return
                "another git is at work in this repository\(age) (lock \(path)): \(processes.joined(separator: ", ")); "
                + "run again when it has ended"
        }

        /// Processes named git whose working directory is in the work tree or the git directory. Empty without /proc.
        private static func gitProcesses(beside lock: String) -> [String] {
            let gitDirectory = (lock as NSString).deletingLastPathComponent
            let root =
                (gitDirectory as NSString).lastPathComponent == ".git"
                ? (gitDirectory as NSString).deletingLastPathComponent : gitDirectory
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return names.compactMap(Int.init).sorted().compactMap { pid in
                guard let name = try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8),
                    name.hasPrefix("git"),
                    let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd"),
                    directory == root || directory.hasPrefix(root + "/"),
                    let command = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline")
                else { return nil }
                let words = command.split(separator: 0).prefix(3).map { String(decoding: $0, as: UTF8.self) }
                return "\(words.joined(separator: " ")) (process \(pid))"
            }
        }
    }
}
