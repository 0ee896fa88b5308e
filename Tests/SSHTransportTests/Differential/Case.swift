import Foundation

/// A configuration of ssh with its key stores, generated from a seed.
struct Case: CustomStringConvertible {
    let seed: UInt64
    /// The folder of its files.
    let directory: String
    /// The name that is connected to.
    let host: String
    var files: [String: String] = [:]
    /// Commands that make the files what they are meant to be, run in the folder.
    var preparation: [String] = []

    var configuration: String { files["config"] ?? "" }

    /// Writes all files again: a run of ssh may have changed known_hosts.
    func write() throws {
        try shell("rm -rf \(directory); mkdir -p \(directory)")
        for (name, text) in files { try text.write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8) }
        try shell((["cd \(directory)"] + preparation).joined(separator: "\n"))
    }

    var description: String {
        (["seed \(seed): ssh -F \(directory)/config \(host) true"]
            + files.sorted { $0.key < $1.key }.map { "--- \($0.key)\n\($0.value)" }
            + preparation.map { "$ \($0)" }).joined(separator: "\n")
    }
}

/// Makes cases. Every choice is one of the generator, so that a seed is a case.
struct CaseGrammar {
    let landscape: Landscape
    let directory: String
    var generator: Generator
    var files: [String: String] = [:]
    var preparation: [String] = []
    var server = Landscape.Host.plain

    static func make(seed: UInt64, in landscape: Landscape) throws -> Case {
        var grammar = CaseGrammar(
            landscape: landscape, directory: "\(landscape.directory)/case", generator: Generator(seed: seed))
        return try grammar.build(seed)
    }

    private mutating func build(_ seed: UInt64) throws -> Case {
        server = generator.pick([.plain, .plain, .signed, .signed, .expired])
        let host = server == .plain ? "box" : generator.pick(["box.test", "a.signed.test", "box"])
        let route = route()
        let trust = try trust(named: host, through: route.name)
        let login = login()
        var blocks = [login, trust].map { wrap($0, for: host) }
        if generator.chance(50) { blocks.reverse() }
        files["config"] =
            try hops() + blocks.joined(separator: "\n")
                + """

                Host *
                \((route.lines + defaults).map { "  " + $0 }.joined(separator: "\n"))

                """
        var result = Case(seed: seed, directory: directory, host: host)
        (result.files, result.preparation) = (files, preparation)
        return result
    }

    private var port: Int { landscape.servers[server]!.port }

    private var defaults: [String] {
        [
            "HostName 127.0.0.1", "Port \(port)", "User ada", "IdentityFile \(landscape.keys)/absent",
            "IdentityAgent none", "UserKnownHostsFile \(directory)/absent", "GlobalKnownHostsFile /dev/null",
            "HashKnownHosts no",
        ]
    }

    /// Two machines to jump through; both are the plain server.
    private mutating func hops() throws -> String {
        let port = landscape.servers[.plain]!.port
        files["hops"] = "hop \(try landscape.key(.plain, "ed25519"))\n"
        return """
            Host hop hop2
              HostName 127.0.0.1
              Port \(port)
              User ada
              IdentityFile \(landscape.keys)/good_ed25519
              IdentitiesOnly yes
              IdentityAgent none
              ProxyJump none
              ProxyCommand none
              HostKeyAlias hop
              UserKnownHostsFile \(directory)/hops
              StrictHostKeyChecking yes

            """
    }

    // MARK: The way there

    private mutating func route() -> (lines: [String], name: String) {
        switch generator.pick(Array(0...9)) {
        case 0: (["ProxyJump hop"], "127.0.0.1")
        case 1: (["ProxyJump hop,hop2"], "127.0.0.1")
        case 2: (["ProxyCommand ssh -F \(directory)/config -W %h:%p hop"], "127.0.0.1")
        case 3: (["HostName localhost"], "localhost")
        case 4: (["HostName localhost", "AddressFamily \(generator.pick(["inet", "any"]))"], "localhost")
        case 5: (["ProxyJump ada@hop:\(landscape.servers[.plain]!.port)"], "127.0.0.1")
        default: ([], "127.0.0.1")
        }
    }

    // MARK: Where the lines stand

    /// Puts lines where they count for the host: in a section that matches it, or in a file that is included.
    private mutating func wrap(_ lines: [String], for host: String) -> String {
        let first = host.prefix(1)
        let section = generator.pick([
            "Host \(host)", "Host \(first)* !nothing", "Host other \(first)??* \(host)",
            "Match host 127.0.0.1,localhost,\(host)",
            "Match originalhost \(host)", "Match exec true", "Match exec \"test %n = \(host)\"", "Match !exec false",
            "Match user ada", "Match all", "Match final all", "Match host \(host) exec \"exit 0\"",
            "Match localuser root", "Match final originalhost \(host)",
        ])
        // The user is known by then only if it stands before.
        let head = section == "Match user ada" ? "Match all\n  User ada\n" : ""
        let body = lines.map { "  " + $0 }.joined(separator: "\n")
        guard generator.chance(30) else { return "\(head)\(section)\n\(body)\n" }
        let name = "included\(files.count).conf"
        files[name] = generator.chance(50) ? "\(section)\n\(body)\n" : body + "\n"
        let path = "\(directory)/\(generator.chance(50) ? name : "incl*\(files.count - 1).conf")"
        return files[name]!.hasPrefix(" ") ? "\(head)\(section)\n  Include \(path)\n" : "\(head)Include \(path)\n"
    }
}
