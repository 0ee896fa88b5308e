import Properties

@PropertyBuilder<Debian>
func jobs(isReverted: Bool) -> [Declaration] {
    let job = Cron("tidy", "30 3 * * *", "find /tmp/tidy -mtime +3 -delete", environment: ["MAILTO": "root"])

    if isReverted {
        job.reverted()
    } else {
        job
        Timer("count", onCalendar: "*-*-* 03:30", "/bin/ls /srv", user: "media", randomizedDelay: .minutes(5))
        Mount("/srv/shared", from: "/srv/media", type: "none", options: ["bind"])
        Command.Run("true", as: "nothing").periodically(every: .days(1))
    }
}
