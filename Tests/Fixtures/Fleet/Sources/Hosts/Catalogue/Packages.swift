import Properties

@PropertyBuilder<Debian>
func packages(isReverted: Bool) -> [Declaration] {
    let pin = Apt.Pin("no-snap", packages: ["snapd"], pin: "release a=*", priority: -10)

    if isReverted {
        pin.reverted()
    } else {
        pin
        Apt.Installed("git", "python3-minimal", "cron")
    }
}
