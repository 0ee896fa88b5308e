extension Machine {
    /// - Throws: ``Failure`` if others than root could put a link in the place of a path: a program of root that is
    ///   given the path would follow it.
    func refuseReplaceable(_ path: FilePath) throws {
        guard let open = try files.directoryWritableByOthers(above: path) else { return }
        throw Failure(
            "others than root can write in \(open), and so put a link in the place of \(path)",
            advice: "Let \(open) belong to root, and let nobody else write there, or choose another path.")
    }
}
