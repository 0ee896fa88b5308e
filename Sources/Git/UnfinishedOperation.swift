import Foundation

/// An operation that git has begun in a work tree and not finished.
public enum UnfinishedOperation: String, Sendable, CaseIterable, CustomStringConvertible {
    case rebase, am, merge, cherryPick = "cherry-pick", revert

    /// Finds the operation by the files of a git directory, like git-prompt.sh.
    init?(in gitDirectory: String) {
        func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(gitDirectory)/\(name)") }
        if has("rebase-merge") {
            self = .rebase
        } else if has("rebase-apply") {
            self = has("rebase-apply/applying") ? .am : .rebase
        } else if has("MERGE_HEAD") {
            self = .merge
        } else if has("CHERRY_PICK_HEAD") {
            self = .cherryPick
        } else if has("REVERT_HEAD") {
            self = .revert
        } else {
            return nil
        }
    }

    public var description: String {
        "a git \(rawValue) is in progress in the configuration: finish it with git \(rawValue) --continue, or drop it "
            + "with git \(rawValue) --abort"
    }
}
