/// The stanzas of other files of ifupdown about an interface (interfaces(5)). ifupdown would bring it up as all of them
/// say, so their lines are made comments, which a revert takes away.
enum InterfaceStanzas {
    private static let main: FilePath = "/etc/network/interfaces"
    private static let directory: FilePath = "/etc/network/interfaces.d"

    /// The words with which another part of a file begins.
    private static let beginnings: Set<Substring> = [
        "iface", "mapping", "auto", "source", "source-directory", "rename", "template", "no-auto-down", "no-scripts",
    ]

    private static func mark(_ interface: String) -> String { "#propel \(interface): " }

    /// The files, except the own one, that may say something.
    private static func files(of interface: String, on machine: Machine) throws -> [FilePath] {
        var paths = try machine.files.status(of: main)?.kind == .file ? [main] : []
        if try machine.files.status(of: directory)?.kind == .directory {
            paths += try machine.files.list(directory).filter { $0 != "propel-\(interface)" }.map {
                directory.appending($0)
            }
        }
        return try paths.filter { try machine.files.status(of: $0)?.kind == .file }
    }

    /// The files in which the interface is configured.
    static func files(naming interface: String, on machine: Machine) throws -> [FilePath] {
        try files(of: interface, on: machine).filter { path in
            let lines = try machine.shared(path).read()
            return !indices(of: interface, in: lines).isEmpty || !marked(interface, in: lines).isEmpty
        }
    }

    /// The files in which it is configured beside its own.
    static func others(than interface: String, on machine: Machine) throws -> [FilePath] {
        try files(of: interface, on: machine).filter { path in
            try !indices(of: interface, in: machine.shared(path).read()).isEmpty
        }
    }

    /// The files in which its lines were made comments.
    static func marked(_ interface: String, on machine: Machine) throws -> [FilePath] {
        try files(of: interface, on: machine).filter { path in
            try !marked(interface, in: machine.shared(path).read()).isEmpty
        }
    }

    /// All lines that configure it, in its own file too.
    static func text(of interface: String, on machine: Machine) throws -> String {
        let own = directory.appending("propel-\(interface)")
        let paths = try files(of: interface, on: machine) + (machine.files.status(of: own) == nil ? [] : [own])
        return try paths.map { path in
            let lines = try machine.shared(path).read()
            return indices(of: interface, in: lines).map { lines[$0] + "\n" }.joined()
        }.joined()
    }

    static func takeOut(_ interface: String, of path: FilePath, on machine: Machine) throws {
        try machine.shared(path).edit { lines in
            for index in indices(of: interface, in: lines) {
                lines.replace(index, with: mark(interface) + lines[index])
            }
        }
    }

    static func putBack(_ interface: String, to path: FilePath, on machine: Machine) throws {
        try machine.shared(path).edit { lines in
            for index in marked(interface, in: lines) {
                lines.replace(index, with: String(lines[index].dropFirst(mark(interface).count)))
            }
        }
    }

    private static func marked(_ interface: String, in lines: TextLines) -> [Int] {
        lines.indices.filter { lines[$0].hasPrefix(mark(interface)) }
    }

    /// The lines from `iface NAME` on that belong to it. `auto NAME` stays: it says nothing about addresses.
    private static func indices(of interface: String, in lines: TextLines) -> [Int] {
        var found: [Int] = [], isInside = false, isContinued = false
        for index in lines.indices {
            let line = lines[index]
            let words = line.split { $0 == " " || $0 == "\t" }
            if !isContinued, let first = words.first, beginnings.contains(first) || first.hasPrefix("allow-") {
                isInside = first == "iface" && words.count > 1 && words[1] == interface[...]
            }
            isContinued = line.hasSuffix("\\")
            let isComment = words.first?.begins(with: "#") == true
            if isInside, !words.isEmpty, !isComment { found.append(index) }
        }
        return found
    }
}

extension InterfaceConfiguration {
    private var name: String { interface.interface }

    /// The files in which others configure the interface for ifupdown too.
    func others(on machine: Machine) throws -> [FilePath] {
        manager == .ifupdown ? try InterfaceStanzas.others(than: name, on: machine) : []
    }

    func takeOthersOut(on machine: Machine) throws {
        for path in try others(on: machine) { try InterfaceStanzas.takeOut(name, of: path, on: machine) }
    }

    /// The files in which the lines of others are comments now.
    func hasTakenOut(on machine: Machine) throws -> [FilePath] {
        manager == .ifupdown ? try InterfaceStanzas.marked(name, on: machine) : []
    }

    func putOthersBack(on machine: Machine) throws {
        for path in try hasTakenOut(on: machine) { try InterfaceStanzas.putBack(name, to: path, on: machine) }
    }

    /// The state of the interface in ifupdown now; empty for other programs.
    func present(on machine: Machine) throws -> String {
        manager == .ifupdown ? try InterfaceStanzas.text(of: name, on: machine) : ""
    }
}
