import PlainText
import Foundation
import SystemPackage

/// The files of a configuration that its programs are built from, and where the programs are.
///
/// A configuration is a Swift package: this repository, or one that `propel init` has made and that depends on Propel.
struct PackageLayout {
    let root: URL

    static let hostsConf = "hosts.conf"
    /// The folder of the encrypted secrets and the keyring.
    static let secrets = "secrets"
    static let manifest = "Package.swift"
    static let resolvedVersions = "Package.resolved"
    static let sources = "Sources"

    /// The paths that every deployment commits. With the files that the roles name they are everything that decides
    /// what runs on a host.
    static let recordedPaths = [hostsConf, secrets, sources, manifest, resolvedVersions]

    var buildFolder: URL { root.appending(path: ".build") }
    var program: URL { buildFolder.appending(path: "release/\(programName)") }
    var enforcer: URL { buildFolder.appending(path: "release/\(enforcerName)") }

    /// The names of the products. In Propel's repository they differ from those of the packages that depend on it:
    /// SwiftPM links two products of one name to the same file.
    var programName: String { isPropelItself ? "propel-examples" : "propel" }
    var enforcerName: String { programName + "-enforce" }
    private var isPropelItself: Bool {
        FileManager.default.fileExists(atPath: root.appending(path: "Sources/PropelCLI").path)
    }

    /// The folders of the packages that are depended on by path, relative to the root where the manifest says so.
    ///
    /// Their sources belong to the programs as much as those of the configuration. A package that is depended on by
    /// URL is known by its version in `Package.resolved`.
    var localPackages: [String] {
        var found: [String] = [], pending = [""]
        while let package = pending.popLast() {
            let file = url(of: package.isEmpty ? Self.manifest : "\(package)/\(Self.manifest)")
            guard let manifest = try? String(contentsOf: file, encoding: .utf8) else { continue }
            for path in Self.localDependencies(in: manifest) {
                let place = FilePath(package).pushing(FilePath(path)).lexicallyNormalized().string
                guard !place.isEmpty, place != ".", !found.contains(place) else { continue }
                found.append(place)
                pending.append(place)
            }
        }
        return found.sorted()
    }

    /// The paths of `.package(path: "…")` and `.package(name: "…", path: "…")` in a manifest.
    static func localDependencies(in manifest: String) -> [String] {
        let code = manifest.nonEmptyLines.filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
            .joined(separator: "\n")
        return code.components(separatedBy: ".package(").dropFirst().compactMap { call in
            let arguments = call.prefix { $0 != ")" }
            guard let label = arguments.range(of: "path:") else { return nil }
            let parts = arguments[label.upperBound...].split(
                separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
            return parts.count == 3 && parts[0].allSatisfy(\.isWhitespace) ? String(parts[1]) : nil
        }
    }

    /// The location of a path that is relative to the root, or absolute.
    func url(of path: String) -> URL { path.hasPrefix("/") ? URL(filePath: path) : root.appending(path: path) }
}
