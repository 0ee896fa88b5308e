import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct ResticTests {
    private let fake = FakeMachine()

    private func restic(
        to repository: Content = "sftp:backup@nas:/srv/restic", paths: [FilePath] = ["/etc", "/srv/my data"],
        excluding: [String] = ["*.tmp"], environment: [String: Content] = [:], before: String = "", after: String = "",
        maximumAge: Duration? = .days(2), mount: FilePath? = nil
    ) -> Restic {
        Restic(
            "system", to: repository, password: Secret("restic"), paths: paths, excluding: excluding,
            environment: environment, before: before, after: after, restoreTest: ["/etc/hostname"],
            maximumAge: maximumAge, onlyIfMounted: mount)
    }

    /// A machine with restic, and what its command does.
    private func plant(_ backup: RepositoryBackup, _ program: @escaping FakeCommands.Program) {
        fake.files.put(backup.program.executable, "", mode: 0o755)
        fake.files.put(backup.command, "", mode: 0o700)
        fake.commands.program(backup.command.string, program)
    }

    private static func missing(_ words: String) -> CommandResult {
        .failing(1, "Fatal: unable to open config file: \(words)\nIs there a repository at the following location?\n")
    }

    // MARK: The repository

    @Test(arguments: [
        "Stat: file does not exist", "stat /x/config: no such file or directory",
        "client.GetObject: The specified key does not exist.", "unexpected HTTP response (404): 404 Not Found",
    ]) func `a repository that is missing is initialized`(_ words: String) async throws {
        let backup = restic().backup, isThere = Mutex(false)
        plant(backup) { command in
            if command.arguments == ["init"] { isThere.withLock { $0 = true } }
            return isThere.withLock { $0 } ? .printing("{}") : Self.missing(words)
        }
        try await fake.obeysLaw(RepositoryInitialized(backup: backup))
        #expect(
            fake.commands.log == [
                "/usr/local/sbin/restic-system cat config", "/usr/local/sbin/restic-system init",
            ])
        // The next run asks nobody, and one with another repository does.
        #expect(try await fake.check(RepositoryInitialized(backup: restic(to: "/srv/other").backup)).reason != nil)
        #expect(fake.commands.log.count == 2)
    }

    @Test(arguments: [
        "dial tcp 10.0.0.1:22: connect: connection refused", "Stat: unexpected HTTP response (401): 401 Unauthorized",
        "context deadline exceeded", "Access Denied.",
    ]) func `a repository that cannot be reached is not initialized`(_ words: String) async throws {
        let backup = restic().backup
        plant(backup) { _ in Self.missing(words) }
        let failure = await #expect(throws: Failure.self) {
            try await RepositoryInitialized(backup: backup).apply(on: fake.machine)
        }
        #expect(failure?.message == "the repository of the backup system cannot be opened")
        #expect(fake.commands.log == ["/usr/local/sbin/restic-system cat config"])
        #expect(try await fake.check(RepositoryInitialized(backup: backup)).reason != nil)
    }

    @Test func `a wrong password initializes nothing`() async throws {
        let backup = restic().backup
        plant(backup) { _ in .failing(12, "Fatal: wrong password or no key found\n") }
        await #expect(throws: Failure.self) { try await RepositoryInitialized(backup: backup).apply(on: fake.machine) }
        plant(backup) { $0.arguments == ["init"] ? .printing() : .failing(10, "Fatal: repository does not exist\n") }
        try await fake.obeysLaw(RepositoryInitialized(backup: backup))
    }

    @Test func `a directory is looked at itself`() async throws {
        let backup = restic(to: "/mnt/disk/restic", mount: "/mnt/disk").backup
        plant(backup) { $0.arguments == ["init"] ? .printing() : .failing(1, "Fatal: something\n") }
        fake.files.put("/proc/self/mountinfo", "36 35 8:1 / /mnt/disk2 rw - ext4 /dev/sda1 rw\n")
        let failure = await #expect(throws: Failure.self) {
            try await RepositoryInitialized(backup: backup).apply(on: fake.machine)
        }
        #expect(failure?.message.hasPrefix("/mnt/disk is not mounted") == true && fake.commands.log.isEmpty)
        fake.files.put("/proc/self/mountinfo", "36 35 8:1 / /mnt/disk rw - ext4 /dev/sda1 rw\n")
        fake.files.put("/mnt/disk/restic/data", "x")
        await #expect(throws: Failure.self) { try await RepositoryInitialized(backup: backup).apply(on: fake.machine) }
        try fake.files.remove("/mnt/disk/restic/data")
        try await fake.obeysLaw(RepositoryInitialized(backup: backup))
    }

    @Test func `Borg says when a repository is missing`() async throws {
        let backup = Borg("system", to: "ssh://nas/./x", password: Secret("borg"), paths: ["/etc"]).backup
        plant(backup) { _ in .failing(2, "Connection closed by remote host. Is borg working on the server?\n") }
        await #expect(throws: Failure.self) { try await RepositoryInitialized(backup: backup).apply(on: fake.machine) }
        plant(backup) {
            $0.arguments[0] == "init" ? .printing() : .failing(2, "Repository ssh://nas/./x does not exist.\n")
        }
        try await fake.obeysLaw(RepositoryInitialized(backup: backup))
        #expect(fake.commands.log.last == "/usr/local/sbin/borg-system init --encryption=repokey-blake2")
    }

    // MARK: The age of the last success

    @Test func `a backup that is too old is reported with its age, and made`() async throws {
        let recent = RecentBackup(backup: restic().backup, maximumAge: .days(2))
        fake.commands.program("systemctl") { [fake] _ in
            fake.files.put(recent.backup.stamp, "")
            return .printing()
        }
        #expect(try await fake.obeysLaw(recent).reason == "no backup yet: back up now")
        fake.pass(.days(1))
        #expect(try await fake.check(recent) == .satisfied)
        fake.pass(.days(2))
        #expect(try await fake.obeysLaw(recent).reason == "the last backup is 3 days old: back up now")
        #expect(fake.commands.log.last == "systemctl start -- restic-system.service")
    }

    /// The clock was wrong then, and nobody knows when the backup was made.
    @Test func `a backup of the future does not count`() async throws {
        let recent = RecentBackup(backup: restic().backup, maximumAge: .days(2))
        fake.files.put(recent.backup.stamp, "")
        #expect(try await fake.check(recent) == .satisfied)
        fake.pass(.days(-1))
        #expect(try await fake.check(recent) != .satisfied)
    }

    @Test func `a backup that fails is a failure with the last lines`() async throws {
        fake.commands.program("systemctl", status: 1)
        fake.commands.program("journalctl", prints: "/srv/my data does not exist\n")
        let failure = await #expect(throws: Failure.self) {
            try await RecentBackup(backup: restic().backup, maximumAge: .days(2)).apply(on: fake.machine)
        }
        #expect(failure?.message == "the backup system failed" && failure?.output == ["/srv/my data does not exist"])
    }

    // MARK: What is on the machine

    @Test func `the password is in a file of root and nowhere else`() throws {
        let files = restic(environment: ["AWS_SECRET_ACCESS_KEY": "\(Secret("s3"))"]).backup.files
        for file in files { #expect(file.mode.bits & 0o077 == 0, "\(file.path)") }
        let secretive = files.filter { !$0.secrets.isEmpty }.map(\.path.string)
        #expect(
            secretive == ["/etc/restic/system/password", "/etc/restic/system/environment/AWS_SECRET_ACCESS_KEY"])
    }

    @Test func `the scripts are these`() {
        let backup = restic(
            environment: ["TOKEN": "x"], before: "pg_dump shop > '/srv/my data/shop.sql'\n", after: "rm -f /x",
            mount: "/mnt/disk"
        ).backup
        #expect(
            backup.commandText == """
                #!/bin/bash
                # restic with the repository and the password of the backup system. Kept by Propel.
                set -euo pipefail
                export HOME=/root
                export RESTIC_REPOSITORY_FILE=/etc/restic/system/repository \
                RESTIC_PASSWORD_FILE=/etc/restic/system/password
                export RESTIC_CACHE_DIR=/var/cache/restic
                TOKEN=$(cat /etc/restic/system/environment/TOKEN)
                export TOKEN
                exec /usr/bin/restic "$@"

                """)
        #expect(
            backup.backupText == """
                #!/bin/bash
                # Backs up into the repository of system. Kept by Propel.
                set -euo pipefail
                exec 9> /run/propel-restic-system.lock
                flock 9
                mountpoint -q -- /mnt/disk || { echo '/mnt/disk is not mounted' >&2; exit 1; }
                finish() {
                    status=$?
                    trap - EXIT
                    set +e
                    (
                        set -e
                rm -f /x
                    ) || status=1
                    exit "$status"
                }
                trap finish EXIT
                pg_dump shop > '/srv/my data/shop.sql'
                for path in /etc '/srv/my data'; do
                    [[ -e $path ]] || { echo "$path does not exist" >&2; exit 1; }
                done
                /usr/local/sbin/restic-system unlock --quiet
                /usr/local/sbin/restic-system backup --tag=propel-system --exclude-caches '--exclude=*.tmp' -- /etc \
                '/srv/my data'
                isFirst=$([[ -e /var/lib/propel/last-backups/restic-system ]] || echo yes)
                mkdir -p -m 0700 /var/lib/propel/last-backups
                touch /var/lib/propel/last-backups/restic-system
                [[ -n $isFirst ]] || /usr/local/sbin/restic-system forget --tag=propel-system \
                --group-by=host,tags --prune --keep-daily=7 --keep-weekly=5 --keep-monthly=12

                """)
    }

    /// Two backups of one host are two: nothing of the one stands for the other.
    @Test func `two backups of a host are independent`() {
        let host = Host("test", runs: Debian.self) {
            restic()
            Restic("photos", to: "/srv/photos-backup", password: Secret("restic"), paths: ["/srv/photos"])
            Borg("system", to: "/srv/borg", password: Secret("borg"), paths: ["/etc"])
        }
        let count = { (name: String) in host.steps.count { $0.names.last == name } }
        #expect(count("repository") == 3 && count("last backup") == 3 && count("parameters") == 3)
        #expect(host.problems.isEmpty)
    }

    @Test(arguments: [
        Restic("a b", to: "/x", password: Secret("p"), paths: ["/etc"]),
        Restic("a", to: "", password: Secret("p"), paths: ["/etc"]),
        Restic("a", to: "--x", password: Secret("p"), paths: ["/etc"]),
        Restic("a", to: "/x", password: Secret("p"), paths: []),
        Restic("a", to: "/x", password: Secret("p"), paths: ["etc"]),
        Restic("a", to: "/x", password: Secret("p"), paths: ["/a\nb"]),
        Restic("a", to: "/x", password: Secret("p"), paths: ["/etc"], environment: ["A-B": "x"]),
        Restic("a", to: "/x", password: Secret("p"), paths: ["/etc"], keep: SnapshotRetention()),
        Restic("a", to: "/x", password: Secret("p"), paths: ["/etc"], keep: SnapshotRetention(daily: -1, weekly: 1)),
        Restic("a", to: "/x", password: Secret("p"), paths: ["/etc"], maximumAge: .zero),
    ]) func `an invalid declaration is a problem`(_ restic: Restic) {
        #expect(RepositoryBackup.Checked(backup: restic.backup).problems.count == 1)
    }

    @Test(arguments: Fault.allCases) func `what a fault has cut is finished`(_ fault: Fault) async throws {
        let backup = restic().backup
        try await FakeMachine.verify(RepositoryInitialized(backup: backup), survives: fault) {
            let fake = FakeMachine(), isThere = Mutex(false)
            fake.files.put(backup.program.executable, "", mode: 0o755)
            fake.files.put(backup.command, "", mode: 0o700)
            fake.commands.program(backup.command.string) { command in
                if command.arguments == ["init"] { isThere.withLock { $0 = true } }
                return isThere.withLock { $0 } ? .printing("{}") : .failing(10, "no\n")
            }
            return fake
        }
    }
}
