extension Machine {
    /// Sites as nginx last used them, with their certificates and keys, from when they are changed until nginx uses what has
    /// replaced them.
    var formerSites: Originals { Originals(files: files, directory: formerSitesDirectory) }

    private var formerSitesDirectory: FilePath { Machine.state.appending("nginx") }

    /// Forgets them, now that nginx uses what is there: a key that no site has any more is gone then.
    func forgetFormerSites() throws {
        for path in try formerSites.paths { try formerSites.forget(path) }
        // A run that was cut off may have left a content without its record, or one half written: a key may be in it.
        guard try files.status(of: formerSitesDirectory) != nil else { return }
        for name in try files.list(formerSitesDirectory) { try files.remove(formerSitesDirectory.appending(name)) }
    }

    /// Puts them back.
    /// - Returns: whether there were any.
    func putBackFormerSites() throws -> Bool {
        let paths = try formerSites.paths
        let links = paths.filter { $0.starts(with: NginxPaths.enabledSites) },
            others = paths.filter { !links.contains($0) }
        // An nginx that is started in between must find what a link points to: new links go first, and old ones come last.
        let newLinks = try links.filter { try formerSites.wasAbsent($0) }
        for path in newLinks + others + links.filter({ !newLinks.contains($0) }) {
            // Where the change was to take Propel's own away, what stands there now is the original again.
            try originals.keep(path)
            try formerSites.restore(path)
        }
        return !paths.isEmpty
    }
}
