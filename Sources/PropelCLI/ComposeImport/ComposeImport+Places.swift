import Propel
import Properties

extension ComposeImport {
    /// Whether Propel accepts a volume in a directory: not in one that belongs to the system, for example.
    static func isPlaceForData(_ path: String) -> Bool {
        let host = Host("import", runs: Debian.self) {
            Stack("import", directory: "/srv/propel/import") {
                Container("import", image: "import") { Volume("import", at: "/import", in: FilePath(path)) }
            }
        }
        return host.problems.isEmpty
    }
}
