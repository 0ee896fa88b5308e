import Properties

@PropertyBuilder<Debian>
func jobs(isReverted: Bool) -> [Declaration] {
    let job = Cron("tidy", "30 3 * * *", "find /tmp/tidy -mtime +3 -delete", environment: ["MAILTO": "root"])

    let limit = SystemdUnit.DropIn("files", "limit", "[Service]\nLimitNOFILE=4096\n")
    let devices = UdevRules("99-zigbee", #"SUBSYSTEM=="tty", ATTRS{idVendor}=="10c4", SYMLINK+="zigbee""#)

    if isReverted {
        job.reverted()
        limit.reverted()
        devices.reverted()
    } else {
        job
        devices
        Timer("count", onCalendar: "*-*-* 03:30", "/bin/ls /srv", user: "media", randomizedDelay: .minutes(5))
        Mount("/srv/shared", from: "/srv/media", type: "none", options: ["bind"])
        limit.onChange(Service.Restart("files"))
        Command.Run("true", as: "nothing").periodically(every: .days(1))
    }
}
