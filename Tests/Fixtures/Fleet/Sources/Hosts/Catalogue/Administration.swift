import Properties

/// Packages in a certain state, units of a user, and files that other programs judge.
@PropertyBuilder<Debian>
func administration(isReverted: Bool) -> [Declaration] {
    let hold = Apt.Hold("vnstat")
    let awk = Alternative("awk", "/usr/bin/mawk")
    let rotation = Logrotate("catalogue", "/var/log/catalogue/*.log", every: .day, keep: 7)
    let tmpfiles = Tmpfiles("catalogue", "d /run/catalogue 0750 media media")
    let rules = Sudoers.Text(
        "catalogue",
        """
        Defaults:media timestamp_timeout=5
        Cmnd_Alias CATALOGUE = /usr/bin/true, /usr/bin/systemctl restart cron
        media ALL=(root) NOPASSWD: CATALOGUE
        """)
    let link = SymbolicLink("/srv/catalogue", to: "media", owner: "media", replacesFile: true)
    let unit = UserUnit(
        "catalogue", "[Service]\nExecStart=/usr/bin/sleep infinity\n\n[Install]\nWantedBy=default.target\n")
    let environment = Python.Venv("/srv/venv", owner: "media")

    if isReverted {
        hold.reverted()
        awk.reverted()
        rotation.reverted()
        tmpfiles.reverted()
        rules.reverted()
        link.reverted()
        unit.reverted()
        environment.reverted()
    } else {
        Apt.Debconf("man-db", "man-db/auto-update", .boolean, "false")
        Apt.Installed("vnstat", version: "2.*", startsServices: false)
        Service.Masked("vnstat")
        hold
        awk
        rotation
        tmpfiles
        rules
        link
        unit.onChange(UserService.Restart("catalogue", of: "media"))
        UserService("catalogue", of: "media")
        SSHKey(of: "media")
        AuthorizedKeys.Absent(
            of: "media", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1")
        environment
    }
}
