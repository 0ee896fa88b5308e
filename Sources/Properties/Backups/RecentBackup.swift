/// The last successful backup is recent enough. If it is not, one is made.
struct RecentBackup: Property, DueByTime {
    typealias Target = DebianLike

    let backup: RepositoryBackup
    let maximumAge: Duration

    var name: String { "last backup" }
    var claims: [Claim] { [Claim("the age of \(backup.unit)", is: "at most \(maximumAge.inWords)")] }

    private var service: String { "\(backup.unit).service" }

    func check(on machine: Machine) async throws -> Check {
        guard let last = try machine.files.status(of: backup.stamp)?.modified else {
            return .unmet("no backup yet: back up now")
        }
        let age = machine.now - last
        // A time in the future comes from a clock that was wrong.
        guard age < .zero || age >= maximumAge else { return .satisfied }
        return .unmet("the last backup is \(age.inWords) old: back up now")
    }

    func apply(on machine: Machine) async throws {
        machine.showProgress("backing up")
        let result = try await machine.run(SystemctlCommand.start(service, timeout: .hours(24)))
        guard !result.succeeded else { return }
        throw try await machine.failure(of: service, "the backup \(backup.id) failed")
    }
}
