import Properties

/// What somebody else has left on the machine, and is gone.
@PropertyBuilder<Debian>
func absences() -> [Declaration] {
    Block.Absent("/etc/old.conf", from: "# old begins", to: "# old ends")
    Setting.Absent("/etc/old.conf", "colour", syntax: .ini(section: nil))
    HostsFile.Absent("old.example.com")
    KnownHosts.Absent("old.example.com")
    SSHKey.Absent(of: "root", name: "id_old")
    Directory.FilesAbsent("/srv/backups", matching: "*.tar", except: ["kept.tar"])
    Mount.Absent("/srv/old")
    Cron.Absent("old")
    Timer.Absent("old-job")
    SystemdUnit.Absent("old")
    Membership.Absent(of: "media", in: "games")
    User.Absent("former", removesHome: true)
    Group.Absent("former-team")
    Sysctl.Absent("net.ipv4.tcp_fin_timeout")
}
