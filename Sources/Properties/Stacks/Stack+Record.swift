extension Stack {
    /// The directory of what a machine remembers of its stacks.
    static var records: FilePath { Machine.state.appending("stacks") }

    /// Where a machine keeps a part of what it remembers of the stack: `shop.json`.
    /// - Parameter ending: names the part. The name of a stack has no dot, so the path is that of no other stack.
    func record(_ ending: String) -> FilePath {
        Self.records.appending(escaping: "\(name).\(ending)")
    }
}
