import Foundation
import PlainText
import Propel
import SystemPackage

/// A configuration that `propel init` writes: a package with one role, and the files around it.
struct NewConfiguration {
    let folder: URL
    let dependency: PropelDependency
    /// The first machine beside the sandbox; nil if there is none yet.
    var host: FirstHost?

    struct FirstHost: Equatable {
        var name: String
        var address: String?
        var user: String?
    }

    private struct File {
        let path: String
        let text: String
        var isExecutable = false
    }

    /// - Throws: ``UsageError`` if a value cannot stand in hosts.conf, or the folder has the name of Propel's package.
    func validate() throws {
        // SwiftPM knows packages by the names of their folders.
        guard folder.lastPathComponent.lowercased() != dependency.package.lowercased() else {
            throw UsageError(
                description: """
                    a package in a folder named “\(folder.lastPathComponent)” cannot depend on the package \
                    \(dependency.package)
                    Give the folder another name.
                    """)
        }
        guard let host else { return }
        try Self.require(host.name, "host name", allowed: ".-_")
        if let address = host.address { try Self.require(address, "address", allowed: ".-_:%") }
        if let user = host.user { try Self.require(user, "user name", allowed: ".-_") }
    }

    private static func require(_ value: String, _ what: String, allowed: String) throws {
        let isValid = value.utf8.allSatisfy { $0.isASCIILetterOrDigit || allowed.utf8.contains($0) }
        guard !value.isEmpty, isValid, !value.hasPrefix("-") else {
            throw UsageError(
                description:
                    "invalid \(what) “\(value)”: use letters, digits and "
                    + "\(allowed.map { "“\($0)”" }.joined(separator: ", "))"
            )
        }
    }

    private var files: [File] {
        [
            File(path: PackageLayout.manifest, text: manifest),
            File(path: "Sources/Hosts/Fleet.swift", text: Templates.fleet),
            File(path: "Sources/Hosts/Server.swift", text: Templates.role),
            File(path: "Sources/propel/main.swift", text: Templates.program),
            File(path: "Sources/propel-enforce/main.swift", text: Templates.enforcerProgram),
            File(path: "Sources/propel-enforce/sections.ld", text: Templates.enforcerSections),
            File(path: "Tests/HostsTests/ServerTests.swift", text: Templates.test),
            File(path: PackageLayout.hostsConf, text: hostsConf),
            File(path: "secrets/README.md", text: Templates.secrets),
            File(path: ".gitignore", text: ".build/\n"),
            File(path: "propel", text: Templates.bootstrap, isExecutable: true),
            File(path: "README.md", text: readme),
        ]
    }

    /// Writes the files.
    /// - Throws: ``UsageError`` if one of them exists, before the first is written.
    func write() throws {
        try validate()
        let files = files
        var status = stat()
        let existing = files.map(\.path).filter { lstat(folder.appending(path: $0).path, &status) == 0 }
        guard existing.isEmpty else {
            throw UsageError(
                description: """
                    \(folder.path) already has \(existing.joined(separator: ", ")), and nothing is overwritten
                    Choose a folder without \(existing.count == 1 ? "it" : "them").
                    """)
        }
        for file in files {
            let place = folder.appending(path: file.path)
            do {
                try FileManager.default.createDirectory(
                    at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
                let descriptor = try FileDescriptor.open(
                    FilePath(place.path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                    permissions: FilePermissions(rawValue: file.isExecutable ? 0o777 : 0o666))
                try descriptor.closeAfter { _ = try descriptor.writeAll(file.text.utf8) }
            } catch {
                throw UsageError(description: "\(place.path) cannot be written: \(Failure(describing: error).message)")
            }
        }
    }

    // MARK: Files with values of this configuration

    private var manifest: String {
        Templates.manifest
            .replacing("NAME", with: Escaping.swift.escape(folder.lastPathComponent))
            .replacing("DEPENDENCY", with: dependency.expression)
            .replacing("PACKAGE", with: Escaping.swift.escape(dependency.package))
    }

    private var hostsConf: String {
        var text = Templates.hostsConf
        if let host {
            text += "\n[\"\(host.name)\"]\nrole = \"server\"\n"
            if let address = host.address { text += "address = \"\(address)\"\n" }
            if let user = host.user { text += "user = \"\(user)\"\n" }
        }
        return text
    }

    private var readme: String { Templates.readme.replacing("HOST", with: host?.name ?? "web1.example.com") }
}
