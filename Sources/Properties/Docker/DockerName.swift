/// Names of containers, networks and volumes in docker.
enum DockerName {
    /// Whether a name begins with a letter or digit, and has only these and `_`, `.` and `-`.
    static func isValid(_ name: String) -> Bool {
        name.utf8.first.map(\.isASCIILetterOrDigit) == true
            && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) }
    }
}
