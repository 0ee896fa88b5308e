extension FileStatus {
    /// The inode, the size and the time of the content: another file has another mark, and so has a changed one.
    var mark: String {
        let inode = identity.map { "\($0.device) \($0.inode)" } ?? ""
        return "\(inode) \(size) \(modified.seconds).\(modified.nanoseconds)"
    }
}
