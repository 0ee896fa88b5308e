import Foundation

/// Whether the programs are what the sources say.
///
/// A build tool would take a second to find out that there is nothing to do. Here the paths, sizes and times of the sources
/// are compared with what they were at the last build, which takes a millisecond or two.
struct Freshness {
    let root: URL

    private var record: URL { root.appending(path: ".build/propel-sources") }

    /// The sources as they are now.
    func sources() -> String {
        var lines: [String] = []
        func add(_ name: String) {
            var status = stat()
            guard stat(root.appending(path: name).path, &status) == 0 else { return }
            lines.append("\(name) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)")
        }
        add("Package.swift")
        let files = FileManager.default.enumerator(atPath: root.appending(path: "Sources").resolvingSymlinksInPath().path)
        while let file = files?.nextObject() as? String { add("Sources/" + file) }
        return lines.sorted().joined(separator: "\n")
    }

    func isFresh(_ sources: String) -> Bool { (try? String(contentsOf: record, encoding: .utf8)) == sources }

    func remember(_ sources: String) throws { try sources.write(to: record, atomically: true, encoding: .utf8) }
}
