import Properties

/// A host with files of the repository of every kind: a program, a tree, a template and a large file.
let files = Role("files", runs: Debian.self) { host in
    File("/usr/local/bin/tool", from: "files/tool")
    Directory("/etc/app", from: "files/app", purge: true)
    File("/etc/app/name.conf", "name = \(host.name)\n")
    File("/etc/release.conf", Template("files/release.conf", ["release": "\(Fact.codename)", "host": "\(host.name)"]))
    File("/srv/large", from: "files/large", mode: 0o600)
}
