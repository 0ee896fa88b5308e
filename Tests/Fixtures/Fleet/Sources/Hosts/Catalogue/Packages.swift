import Properties

@PropertyBuilder<Debian>
func packages(isReverted: Bool) -> [Declaration] {
    let pin = Apt.Pin("no-snap", packages: ["snapd"], pin: "release a=*", priority: -10)

    let settings = Apt.Configuration("retries", ["Acquire::Retries": "7"])
    let diversion = Apt.Diversion(of: "/etc/cron.daily/dpkg"), foreign = Apt.ForeignArchitecture("i386")

    if isReverted {
        pin.reverted()
        settings.reverted()
        diversion.reverted()
        foreign.reverted()
    } else {
        pin
        settings
        Apt.Installed("git", "python3-minimal", "cron", "curl")
        diversion
        foreign
    }
}
