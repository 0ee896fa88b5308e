extension Machine {
    /// The files of sites, certificates and keys that nginx used last. Kept from a change until nginx uses the new
    /// ones.
    var formerSites: Originals { Originals(files: files, directory: formerSitesDirectory) }

    private var formerSitesDirectory: FilePath { Machine.state.appending("nginx") }

    /// Deletes the former files, once nginx uses the new ones. Keys that no site uses are gone then.
    func forgetFormerSites() throws {
        for path in try formerSites.paths { try formerSites.forget(path) }
        // An interrupted run may have left content without its record, or an incomplete file: there may be a key in it.
        guard try files.status(of: formerSitesDirectory) != nil else { return }
        for name in try files.list(formerSitesDirectory) { try files.remove(formerSitesDirectory.appending(name)) }
    }

    /// Restores the former files.
    /// - Returns: whether there were any.
    func putBackFormerSites() throws -> Bool {
        let paths = try formerSites.paths
        let links = paths.filter { $0.starts(with: NginxPaths.enabledSites) },
            others = paths.filter { !links.contains($0) }
        // nginx may be started in between, and must find the destination of every link: so new links are removed first,
        // and old ones restored last.
        let newLinks = try links.filter { try formerSites.wasAbsent($0) }
        for path in newLinks + others + links.filter({ !newLinks.contains($0) }) {
            // If the change was a revert, the present file is the original again.
            try originals.keep(path)
            try formerSites.restore(path)
        }
        return !paths.isEmpty
    }
}
