import Foundation

/// Whether the programs are what the sources say.
///
/// A build tool would take a second to find out that there is nothing to do. Here what stat(2) tells of the sources is
/// compared with what it told at the last build, which takes a millisecond or two.
struct Freshness {
    let root: URL

    private var record: URL { root.appending(path: ".build/propel-sources") }

    /// The sources as they are now.
    func sources() -> String {
        ([fingerprint(of: "Package.swift")] + fingerprints(in: "Sources")).compactMap(\.self).sorted().joined(
            separator: "\n")
    }

    /// The encrypted secrets and the keyring as they are now.
    func secrets() -> String { fingerprints(in: "secrets").sorted().joined(separator: "\n") }

    private func fingerprints(in folder: String) -> [String] {
        var lines: [String] = []
        let files = FileManager.default.enumerator(atPath: root.appending(path: folder).resolvingSymlinksInPath().path)
        while let file = files?.nextObject() as? String {
            lines += [fingerprint(of: "\(folder)/\(file)")].compactMap(\.self)
        }
        return lines
    }

    private func fingerprint(of name: String) -> String? {
        var status = stat()
        return stat(root.appending(path: name).path, &status) == 0 ? "\(name) \(status.fingerprint)" : nil
    }

    /// What the programs were built from; nil where that is not known, as after a build by hand.
    var builtFrom: String? { try? String(contentsOf: record, encoding: .utf8) }

    func isFresh(_ sources: String) -> Bool { builtFrom == sources }

    func remember(_ sources: String) throws { try sources.write(to: record, atomically: true, encoding: .utf8) }
}

extension stat {
    /// What changes with the content of a file. Its size and the time of its content alone would not tell two replacements
    /// within one tick of the clock apart, nor one that keeps the time (`cp -p`).
    var fingerprint: String {
        "\(st_size) \(st_ino) \(st_mtim.tv_sec).\(st_mtim.tv_nsec) \(st_ctim.tv_sec).\(st_ctim.tv_nsec)"
    }
}
