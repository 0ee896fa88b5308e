import PropelTesting
import Synchronization
import Testing

@testable import Properties

/// Locks of apt and dpkg.
extension AptTests {
    // MARK: Locks

    @Test func `waits for the lock of the lists`() async throws {
        let locked = Mutex(2)
        fake.commands.program("apt-get") { _ in
            locked.withLock { count in
                defer { count -= 1 }
                return count > 0
                    ? .failing(
                        100, "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 817 (apt-get)\n")
                    : .printing()
            }
        }
        try await Apt.Update().perform(on: machine)
        #expect(fake.commands.log.count == 3)
    }

    /// As on a Raspberry Pi, which has no battery for its clock, shortly after it has booted.
    @Test func `a clock that is set does not end the wait`() async throws {
        let seconds = Mutex(0), attempts = Mutex(0)
        fake.commands.program("apt-get") { _ in
            let number = attempts.withLock { count in
                count += 1
                return count
            }
            return number == 1
                ? .failing(100, "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 817 (apt-get)\n")
                : .printing()
        }
        let machine = Machine(
            files: fake.files, commands: fake.commands,
            clock: {
                seconds.withLock { $0 += 1_000_000 }
                return Timestamp(seconds: seconds.withLock { $0 })
            })
        try await Apt.Update().perform(on: machine)
        #expect(attempts.withLock { $0 } == 2)
    }

    @Test func `who holds the lock for too long is named`() async throws {
        fake.commands.program("apt-get") { [fake] _ in
            fake.pass(.minutes(11))
            return .failing(
                100,
                "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 817 (unattended-upgr)\nE: "
                    + "Unable to lock directory /var/lib/apt/lists/\n"
            )
        }
        let failure = await #expect(throws: Failure.self) { try await Apt.Update().perform(on: machine) }
        #expect(
            failure?.message
                == "process 817 (unattended-upgr) still holds the lock of the package manager after 11 minutes")
        #expect(failure?.output.first?.contains("Could not get lock") == true)
    }

    @Test func `the holder of the lock is found in the message of each program`() {
        func holder(_ output: String, _ errors: String) -> AptLock.Holder? {
            AptLock.holder(
                in: CommandResult(ending: .exited(100), output: Array(output.utf8), errors: Array(errors.utf8)))
        }
        #expect(
            holder(
                "Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process "
                    + "13941 (python3)...\n",
                "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process "
                    + "using it?\n"
            )
                == .init(process: "13941", name: "python3"))
        #expect(
            holder("", "dpkg: error: dpkg frontend lock was locked by another process with pid 13941\nNote: removing")
                == .init(process: "13941"))
        #expect(holder("", "E: Could not get lock /var/lib/dpkg/lock-frontend - open (11)\n") == .init())
        #expect(holder("", "E: Unable to locate package nano_\n") == nil)
    }

    @Test func `dpkgs lock is named by the process`() async throws {
        fake.files.put("/proc/77/comm", "aptitude\n")
        fake.files.put("/var/lib/dpkg/updates/0001", "")
        fake.commands.program("dpkg") { [fake] _ in
            fake.pass(.hours(1))
            return .failing(2, "dpkg: error: dpkg frontend lock was locked by another process with pid 77\n")
        }
        let failure = await #expect(throws: Failure.self) { try await Apt.Installed("git").apply(on: machine) }
        #expect(failure?.message == "process 77 (aptitude) still holds the lock of the package manager after 1 hour")
    }

    @Test func `an outdated list is fetched and the transaction tried again`() async throws {
        let fake = fake
        _ = FakeApt(fake)
        let failures = Mutex(1)
        fake.commands.program("apt-get") { command in
            guard command.arguments.contains("install") else { return .printing() }
            let fails = failures.withLock { count in
                count -= 1
                return count >= 0
            }
            if fails {
                return .failing(
                    100, "E: Failed to fetch http://example.org/git.deb  404  Not Found [IP: 192.0.2.1 80]\n")
            }
            fake.files.put("/var/lib/dpkg/status", FakeApt.package("git", "install ok installed"))
            return .printing()
        }
        try await fake.obeysLaw(Apt.Installed("git"))
        #expect(
            fake.commands.log.suffix(3) == [
                "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- git",
                "apt-get --quiet -o Acquire::Retries=3 update",
                "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- git",
            ])
    }

    @Test func `upgrades now and then`() async throws {
        fake.commands.program("apt-get")
        let weekly = Apt.Upgrade().periodically(every: .days(7))
        try await fake.obeysLaw(weekly)
        #expect(
            fake.commands.log == [
                "apt-get --quiet -o Acquire::Retries=3 update", "apt-get \(FakeApt.options) upgrade --with-new-pkgs",
            ])
        #expect(try await fake.check(weekly) == .satisfied)
    }
}
