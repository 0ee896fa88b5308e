import PropelTesting
import Propel

extension FakeMachine {
    /// The files that contain a string, including those that Propel keeps.
    func filesWith(_ text: String) -> [FilePath] {
        files.writes.filter { files.text(at: $0)?.contains(text) == true }
    }
}
