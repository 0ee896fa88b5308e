import Properties

@PropertyBuilder<Debian>
func files(isReverted: Bool) -> [Declaration] {
    let facts = File(
        "/etc/facts", "\(Fact.codename) \(Fact.architecture) \(Fact.debianArchitecture) \(Fact.hostname)\n")
    let former = File.Absent("/etc/issue.net"), seed = File("/etc/seed.conf", "colour = red\n", seed: true)
    let copy = Copied(from: "/usr/share/common-licenses/BSD", to: "/etc/licence", mode: 0o640)

    User("media")
    Directory("/srv/media/new", mode: 0o2775, owner: "media", parents: true)
    Directory("/srv/container", mode: 0o750, owner: "1001", group: "1001")
    if isReverted {
        facts.reverted()
        former.reverted()
        seed.reverted()
        copy.reverted()
    } else {
        facts
        former
        seed
        copy
        Command(
            "mkdir films; touch films/a films/b", as: "films", creates: "/srv/media/new/films/b",
            directory: "/srv/media/new")
        Permissions(of: "/srv/media", recursive: true, files: 0o664, directories: 0o2775, owner: "media")
    }
    Directory.Absent("/srv/media.old", recursive: true)
    When(.codename("bookworm")) { File("/etc/release-notes", "12\n") }
    When(!.codename("bookworm")) { File("/etc/release-notes", "later\n") }
    When(.architecture("riscv64")) { File("/etc/never", "") }
}
