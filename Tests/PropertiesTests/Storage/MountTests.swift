import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct MountTests {
    let fake = FakeMachine()
    let disk = Mount("/srv/media", from: "UUID=6f1d", type: "ext4")
    static let root = "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    static let stock = "# <file system>\nUUID=1 / ext4 errors=remount-ro 0 1\n"

    init() { Self.prepare(fake) }

    static func prepare(_ fake: FakeMachine) {
        fake.files.put(directory: "/srv")
        fake.files.put("/etc/fstab", stock)
        fake.files.put("/proc/self/mountinfo", root)
        fake.hasInstalled("nfs-common", "cifs-utils")
        fake.commands.program("findmnt")
        fake.commands.program("mount") { command in
            if command.arguments.first == "--fstab" {
                remount(command.arguments[5], with: fake.files.text(at: FilePath(command.arguments[1])) ?? "", on: fake)
            } else {
                mount(command.arguments.last ?? "", "ext4", "/dev/sdb1", on: fake)
            }
            return .printing()
        }
        fake.commands.program("umount") { _ in
            fake.files.put("/proc/self/mountinfo", root)
            return .printing()
        }
        fake.commands.program("systemctl") { command in
            let unit = command.arguments.last ?? ""
            guard unit.hasSuffix(".automount") else { return .printing() }
            switch command.arguments[0] {
            case "start": mount("/srv/nas", "autofs", "systemd-1", on: fake)
            case "stop": fake.files.put("/proc/self/mountinfo", root)
            default: return .printing("Id=\(unit)\nNames=\(unit)\nLoadState=loaded\nActiveState=active\n")
            }
            return .printing()
        }
    }

    /// Has the mount show the flags of its line.
    private static func remount(_ point: String, with fstab: String, on fake: FakeMachine) {
        let lines = TextLines(Array(fstab.utf8))
        guard let line = Fstab.lines(for: point, in: lines).first, let entry = Fstab.Entry(line: lines[line]) else {
            return
        }
        let shown = ["rw"] + entry.options.filter { ["noatime", "noexec"].contains($0) }
        let table = fake.files.text(at: "/proc/self/mountinfo") ?? ""
        fake.files.put(
            "/proc/self/mountinfo",
            table.replacing(" \(point) rw -", with: " \(point) \(shown.joined(separator: ",")) -"))
    }

    static func mount(_ point: String, _ type: String, _ source: String, on fake: FakeMachine) {
        let table = fake.files.text(at: "/proc/self/mountinfo") ?? ""
        let escaped = Escaping.fstab.escape(point)
        fake.files.put("/proc/self/mountinfo", table + "36 25 8:2 / \(escaped) rw - \(type) \(source) rw\n")
    }

    @Test func `a disk is mounted now and at boot, and reverted`() async throws {
        let before = fake.files.snapshot
        let change = try await fake.obeysLaw(disk)
        #expect(change.reason == "create /srv/media; write its line in /etc/fstab; mount it")
        #expect(fake.files.text(at: "/etc/fstab") == Self.stock + "UUID=6f1d /srv/media ext4 nofail 0 2\n")
        #expect(
            fake.commands.log == [
                "findmnt --verify --tab-file /run/propel-scratch/fstab", "systemctl daemon-reload",
                "mount -- /srv/media",
            ])
        try await fake.obeysLaw(disk.reverted())
        #expect(
            fake.files.snapshot.filter { !$0.key.starts(with: "/var") && !$0.key.starts(with: "/run") }
                == before.filter { !$0.key.starts(with: "/var") && !$0.key.starts(with: "/run") })
    }

    @Test func `systemd has read a line of before when it is mounted`() async throws {
        fake.files.put("/etc/fstab", Self.stock + "UUID=6f1d /srv/media ext4 nofail 0 2\n")
        fake.files.put(directory: "/srv/media")
        try await fake.obeysLaw(disk)
        #expect(fake.commands.log == ["systemctl daemon-reload", "mount -- /srv/media"])
    }

    static let lines: [(Mount, String)] = [
        (
            Mount("/srv/nas", from: "nas:/export", type: "nfs", isOptional: false),
            "nas:/export /srv/nas nfs _netdev 0 0"
        ),
        (
            Mount("/srv/nas", from: "nas:/export", type: "nfs", automount: true),
            "nas:/export /srv/nas nfs nofail,_netdev,x-systemd.automount 0 0"
        ),
        (
            Mount("/srv/b", bind: "/srv/a", options: ["ro"], before: ["docker"]),
            "/srv/a /srv/b none bind,x-systemd.requires-mounts-for=/srv/a,ro,nofail,x-systemd.before=docker.service 0 0"
        ),
        (
            Mount("/srv/my data/", from: "LABEL=my disk", type: "xfs"),
            #"LABEL=my\040disk /srv/my\040data xfs nofail 0 0"#
        ),
        (
            Mount(
                "/srv/share", from: "//nas/share", type: "cifs",
                credentials: .init("/etc/nas.credentials", username: "media", password: Secret("nas"))),
            "//nas/share /srv/share cifs credentials=/etc/nas.credentials,nofail,_netdev 0 0"
        ),
    ]

    @Test(arguments: lines)
    func `each kind has its line`(_ mount: Mount, _ line: String) { #expect(mount.entry.line == line) }

    @Test func `an automount waits for its first use`() async throws {
        let nas = Mount("/srv/nas", from: "nas:/export", type: "nfs", automount: true)
        let change = try await fake.obeysLaw(nas)
        #expect(change.reason == "create /srv/nas; write its line in /etc/fstab; mount it when it is used")
        #expect(fake.commands.log.contains("systemctl start -- srv-nas.automount"))
        #expect(!fake.commands.log.contains { $0.hasPrefix("mount") })
        // Somebody has looked into it.
        let waiting = fake.files.text(at: "/proc/self/mountinfo") ?? ""
        Self.mount("/srv/nas", "nfs", "nas:/export", on: fake)
        #expect(try await fake.check(nas) == .satisfied)
        fake.commands.program("umount") { [fake] _ in
            fake.files.put("/proc/self/mountinfo", waiting)
            return .printing()
        }
        try await fake.obeysLaw(nas.reverted())
        #expect(fake.commands.log.contains("umount -- /srv/nas"))
        #expect(fake.commands.log.contains("systemctl stop -- srv-nas.automount"))
        #expect(fake.files.text(at: "/etc/fstab") == Self.stock)
    }

    @Test func `a share brings its program and its password`() async throws {
        let host = Host("x", runs: Debian.self) {
            Mount(
                "/srv/share", from: "//nas/share", type: "cifs",
                credentials: .init("/etc/nas.credentials", username: "media", password: Secret("nas"), domain: "HOME"))
        }
        let fake = self.fake.run(
            with: Secrets(versions: ["nas": "1"]) { _ in ["nas": try SecretBytes(copying: Array("hunter2".utf8))] })
        fake.commands.program("mount") { _ in
            Self.mount("/srv/share", "cifs", "//nas/share", on: fake)
            return .printing()
        }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && run[.skipped] == 0)
        #expect(
            fake.files.text(at: "/etc/nas.credentials") == "username=media\npassword=hunter2\ndomain=HOME\n")
        #expect(fake.files["/etc/nas.credentials"]?.status.mode == 0o600)
        #expect(!fake.commands.log.contains { $0.contains("hunter2") })
        #expect(fake.files.text(at: "/etc/fstab")?.contains("hunter2") == false)
    }

    @Test func `a line alone mounts nothing`() async throws {
        try await fake.obeysLaw(
            Mount("/srv/usb", from: "LABEL=usb", type: "vfat", options: ["noauto"], isMounted: false))
        #expect(!fake.commands.log.contains { $0.hasPrefix("mount") })
    }

    @Test(arguments: [
        "UUID=6f1d /srv/media ext4 nofail 0 2\n", "UUID=6f1d\t/srv/media\text4\tnofail\t0\t2 # mine\n",
        "UUID=6f1d /srv/media/ ext4 defaults 0 0\nUUID=9 /srv/media ext4 defaults 0 0\n",
        "UUID=9 /srv/mediathek ext4 defaults 0 0\n", "#UUID=6f1d /srv/media ext4 nofail 0 2\n",
    ])
    func `its line is the only one for its directory, and comes back`(_ text: String) async throws {
        fake.files.put("/etc/fstab", text)
        try await fake.obeysLaw(disk)
        let lines = TextLines(Array((fake.files.text(at: "/etc/fstab") ?? "").utf8))
        #expect(Fstab.lines(for: "/srv/media", in: lines).count == 1)
        try await fake.converge(disk.reverted())
        #expect(fake.files.text(at: "/etc/fstab") == text)
    }

    @Test func `a line that findmnt does not accept is not written`() async throws {
        func says(_ errors: String) {
            fake.commands.program(
                "findmnt", prints: "/\n   [E] unreachable\n/srv/media\n\(errors)/srv/media2\n   [E] no\n", status: 1)
        }
        says("   [W] a warning\n   [E] unreachable on boot required source: UUID=6f1d\n")
        let required = Mount("/srv/media", from: "UUID=6f1d", type: "ext4", isOptional: false)
        let failure = await #expect(throws: Failure.self) { try await required.apply(on: fake.machine) }
        #expect(failure?.output == ["[E] unreachable on boot required source: UUID=6f1d"])
        #expect(fake.files.text(at: "/etc/fstab") == Self.stock)
        // A disk that may be missing is no error.
        try await fake.obeysLaw(disk)
    }

    @Test func `another file system in its place is not taken for it`() async throws {
        fake.files.put(directory: "/srv/media")
        Self.mount("/srv/media", "ext4", "/dev/sdc1", on: fake)
        fake.files.put("/dev/disk/by-uuid/6f1d", linkTo: "../../sdb1")
        let failure = await #expect(throws: Failure.self) { try await fake.check(disk) }
        #expect(failure?.message == "/dev/sdc1 is mounted at /srv/media, and not UUID=6f1d")
        fake.files.put("/dev/disk/by-uuid/6f1d", linkTo: "../../sdc1")
        #expect(try await fake.check(disk).reason == "write its line in /etc/fstab; mount it again")
    }

    @Test func `it is removed with its line, and the line comes back`() async throws {
        try await fake.obeysLaw(disk)
        let text = fake.files.text(at: "/etc/fstab")
        try fake.machine.originals.forget("/etc/fstab")
        let change = try await fake.obeysLaw(Mount.Absent("/srv/media"))
        #expect(change.reason == "unmount it; remove its line in /etc/fstab")
        #expect(fake.files.text(at: "/etc/fstab") == Self.stock)
        #expect(fake.files["/srv/media"] != nil)
        try await fake.obeysLaw(Mount.Absent("/srv/media").reverted())
        #expect(fake.files.text(at: "/etc/fstab") == text)
    }

    @Test func `a file system that is in use keeps its line`() async throws {
        try await fake.obeysLaw(disk)
        let text = fake.files.text(at: "/etc/fstab")
        fake.commands.program("umount", status: 32, errors: "umount: /srv/media: target is busy.\n")
        await #expect(throws: (any Error).self) { try await Mount.Absent("/srv/media").apply(on: fake.machine) }
        #expect(fake.files.text(at: "/etc/fstab") == text)
    }

    @Test func `what is not mounted now may keep its line`() async throws {
        try await fake.obeysLaw(disk)
        let text = fake.files.text(at: "/etc/fstab"), unmounted = Mount.Absent("/srv/media", keepsLine: true)
        #expect(try await fake.obeysLaw(unmounted).reason == "unmount it")
        #expect(fake.files.text(at: "/etc/fstab") == text)
        #expect(try await fake.check(unmounted.reverted()) == .satisfied)
    }

    @Test(arguments: Fault.allCases)
    func `the next run finishes what was cut`(_ fault: Fault) async throws {
        let disk = disk
        try await FakeMachine.verify(disk, survives: fault) {
            let fake = FakeMachine()
            Self.prepare(fake)
            fake.atBoot { fake.files.put("/proc/self/mountinfo", Self.root) }
            return fake
        }
    }

    @Test(arguments: [
        ("/srv/media", "srv-media.automount"), ("/srv/a b/.c-d", #"srv-a\x20b-.c\x2dd.automount"#),
        ("/.x/ü", #"\x2ex-\xc3\xbc.automount"#), ("/", "-.automount"), ("/a//b/", "a-b.automount"),
    ])
    func `the unit of a path is named as systemd names it`(_ path: String, _ name: String) {
        #expect(UnitName.of(FilePath(path), type: "automount") == name)
    }

    static let invalid: [Mount] = [
        Mount("/x", from: "//nas/s", type: "cifs", options: ["password=x"]),
        Mount("/x", from: "//nas/s", type: "cifs", options: ["a,b"]), Mount("/x", from: "", type: "ext4"),
        Mount("/x", from: "LABEL=a\nb", type: "ext4"), Mount("/x", from: "LABEL=a", type: "ext4 defaults"),
        Mount("/x", from: "#a", type: "ext4"), Mount("x", from: "LABEL=a", type: "ext4"),
        // To mount, a comma with a combining mark after it is still one.
        Mount("/x", from: "//nas/s", type: "cifs", options: ["a,\u{301}b"]),
        Mount("/x", from: "//nas/s", type: "cifs", options: ["password=\u{301}x"]),
        Mount("/x", from: "LABEL=a", type: "ext4 \u{301}x"), Mount("/x", from: "#\u{301}a", type: "ext4"),
        Mount("/x", bind: "/y", before: ["a b"]),
        Mount("/x", from: "a:/b", type: "nfs", credentials: .init("/c", username: "u", password: Secret("p"))),
        Mount("/x", from: "a:/b", type: "nfs", isMounted: false, automount: true),
    ]

    @Test(arguments: invalid)
    func `an invalid mount is refused and writes nothing`(_ mount: Mount) async throws {
        #expect(mount.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(mount) }
        await #expect(throws: Failure.self) { try await mount.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `credentials with a second line are refused`() {
        #expect(Mount.Credentials("/c", username: "a\nb", password: Secret("p")).problems.count == 1)
        #expect(Mount.Credentials("/c,\u{301}d", username: "a", password: Secret("p")).problems.count == 1)
        #expect(Mount.Credentials("/c,d", username: "a", password: Secret("p")).problems.count == 1)
    }
}
