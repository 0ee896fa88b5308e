import Properties

@PropertyBuilder<Debian>
func texts(isReverted: Bool) -> [Declaration] {
    let line = Line("/etc/hosts.allow", "sshd: 10.0.0.0/8", createsFile: true)
    let block = Block("/etc/hosts", "cluster", "192.0.2.1 node1\n192.0.2.2 node2\n")
    let section = Setting("/etc/systemd/journald.conf", "MaxLevelWall", "crit", syntax: .ini(section: "Journal"))
    let word = Setting("/etc/login.defs", "UMASK", "027", syntax: .words)

    let string = Replaced("/etc/issue", "GNU/Linux", with: "of a sandbox")
    let expression = Substituted("/etc/deluser.conf", "^#?(BACKUP_TO) *= *(.*)$", with: #"\1 = "/var/tmp""#)

    if isReverted {
        expression.reverted()
        string.reverted()
        line.reverted()
        block.reverted()
        section.reverted()
        word.reverted()
    } else {
        expression
        string
        line
        block
        section
        word
        Line.Absent("/etc/hosts", "192.0.2.9 old")
    }
}
