import Foundation
import PlainText

extension GitError {
    /// A lock file that keeps git from working.
    public struct Lock: Sendable, Equatable, CustomStringConvertible {
        /// The path of the file.
        public let path: String
        /// The time when it was created.
        public let since: Date?
        /// The git processes in this repository, such as `git rebase (process 123)`.
        public let processes: [String]

        /// Reads git's message: `Unable to create '/repo/.git/index.lock': File exists.`
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
                    git's lock \(path) exists\(age), but no git is running in this repository: one has crashed
                    Remove it, then run again: rm -- \(ShellQuoting.quote(path))
                    """
            }
            return
                "another git is running in this repository\(age) (lock \(path)): \(processes.joined(separator: ", "))\n"
                + "Run again when it has ended."
        }

        /// The processes named git in the work tree or the git directory. Empty without /proc.
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
