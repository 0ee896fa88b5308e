extension SHA256 {
    /// A hash of several strings, which differs from that of the same bytes in other strings.
    static func hash(parts: [String]) -> String {
        hash(Array(parts.map { "\($0.utf8.count):\($0)" }.joined(separator: "\n").utf8))
    }
}
