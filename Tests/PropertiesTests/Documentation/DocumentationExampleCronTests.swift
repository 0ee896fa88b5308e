import PropelTesting
import Properties
import Testing

@Suite struct CronTests {
    let target = FakeMachine()
    let cron = CronJob(job: "backup", schedule: "30 2 * * *", command: "/usr/local/bin/backup")

    init() { target.files.put(directory: "/etc/cron.d") }

    @Test func `writes one line and restores what was there`() async throws {
        let before = target.files.snapshot
        #expect(try await target.obeysLaw(cron).reason == "create with mode 0644, owner root:root")
        #expect(target.files.text(at: "/etc/cron.d/backup") == "30 2 * * * root /usr/local/bin/backup\n")
        try await target.obeysLaw(cron.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test(arguments: [
        CronJob(job: "a.b", schedule: "@daily", command: "true"), CronJob(job: "", schedule: "@daily", command: "true"),
        CronJob(job: "a", schedule: "@daily", command: "true\n* * * * * root reboot"),
    ])
    func `an invalid job is found before a machine is touched`(_ cron: CronJob) async throws {
        #expect(cron.problems.count == 1)
        await #expect(throws: Failure.self) { try await target.check(cron) }
        #expect(target.files.writes.isEmpty)
    }

    @Test func `a job claims its file`() { #expect(cron.claims == cron.file.claims) }
}
