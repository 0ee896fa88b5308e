import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct KernelParameterTests {
    let target = FakeMachine()
    static let path: FilePath = "/boot/firmware/cmdline.txt"
    static let shipped =
        "console=serial0,115200 console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 fsck.repair=yes rootwait quiet\n"

    init() {
        put(Self.shipped)
        target.commands.program("sync")
    }

    private func put(_ text: String) { target.files.put(Self.path, text, mode: 0o755) }
    private var text: String? { target.files.text(at: Self.path) }

    private func expect(
        _ property: RaspberryPi.KernelParameter, makes wanted: String, of text: String,
        _ place: SourceLocation = #_sourceLocation
    ) async throws {
        put(text)
        let before = target.files.snapshot
        try await target.obeysLaw(property)
        #expect(self.text == wanted, sourceLocation: place)
        try await target.obeysLaw(property.reverted())
        try target.files.remove("/run/reboot-required")
        #expect(target.files.snapshot == before, sourceLocation: place)
    }

    @Test func `a new one stands at the end of the line`() async throws {
        let parameter = RaspberryPi.KernelParameter("cgroup_enable", "memory")
        #expect(try await target.check(parameter).reason == "absent → cgroup_enable=memory; effective after a restart")
        try await expect(parameter, makes: Self.shipped.dropLast() + " cgroup_enable=memory\n", of: Self.shipped)
        #expect(target.commands.log.first == "sync --file-system /boot/firmware/cmdline.txt")
    }

    @Test func `a value is put right in its place`() async throws {
        let parameter = RaspberryPi.KernelParameter("fsck.repair", "no")
        #expect(
            try await target.check(parameter).reason == "fsck.repair=yes → fsck.repair=no; effective after a restart")
        try await expect(parameter, makes: Self.shipped.replacing("repair=yes", with: "repair=no"), of: Self.shipped)
    }

    @Test func `several consoles stand side by side`() async throws {
        #expect(try await target.check(RaspberryPi.KernelParameter("console", "tty1")) == .satisfied)
        try await expect(
            RaspberryPi.KernelParameter("console", "tty2"), makes: Self.shipped.dropLast() + " console=tty2\n",
            of: Self.shipped)
        let alone = RaspberryPi.KernelParameter("console", "tty2", isOneOfSeveral: false)
        try await expect(
            alone, makes: "console=tty2 root=/dev/sda\n", of: "console=tty1 console=serial0 root=/dev/sda\n")
    }

    @Test func `absent takes one or all away`() async throws {
        try await expect(
            .absent("console", "serial0,115200"), makes: String(Self.shipped.dropFirst(23)), of: Self.shipped)
        try await expect(.absent("quiet"), makes: Self.shipped.replacing(" quiet", with: ""), of: Self.shipped)
        try await expect(.absent("console"), makes: String(Self.shipped.dropFirst(36)), of: Self.shipped)
        #expect(try await target.check(RaspberryPi.KernelParameter.absent("splash")) == .satisfied)
    }

    @Test(arguments: [
        "root=/dev/sda", "root=/dev/sda\r\n", "  root=/dev/sda\t x=\"a b\"  \n", "\u{feff}root=/dev/sda é\n",
    ])
    func `the rest of the line is kept`(_ text: String) async throws {
        put(text)
        try await target.obeysLaw(RaspberryPi.KernelParameter("quiet"))
        #expect(self.text?.contains(" quiet") == true)
        try await target.obeysLaw(RaspberryPi.KernelParameter("quiet").reverted())
        #expect(self.text == text)
    }

    @Test func `the final newline is kept`() async throws {
        try await expect(
            RaspberryPi.KernelParameter("quiet"), makes: "root=/dev/sda quiet\r\n", of: "root=/dev/sda\r\n")
        try await expect(RaspberryPi.KernelParameter("quiet"), makes: "root=/dev/sda quiet", of: "root=/dev/sda")
        try await expect(.absent("quiet"), makes: "root=/dev/sda\n", of: "root=/dev/sda quiet\n")
    }

    @Test(arguments: [
        ("root=x quiet", true), ("quiet root=x", true), ("root=x quieter", false), ("root=x x=quiet", false),
        ("root=x \"quiet\"", false),
        ("root=x quiet=1", false), ("root=x x=\"a quiet b\"", false), ("root=x QUIET", false),
    ])
    func `a word is found whole`(_ text: String, _ holds: Bool) async throws {
        put(text)
        #expect((try await target.check(RaspberryPi.KernelParameter("quiet")) == .satisfied) == holds)
    }

    @Test func `dash and underscore are one`() async throws {
        put("root=x cgroup-enable=memory\n")
        #expect(try await target.check(RaspberryPi.KernelParameter("cgroup_enable", "memory")) == .satisfied)
    }

    @Test(arguments: [
        "", "\n", "root=/dev/sda\nquiet\n", "root=/dev/sda\n\n x", "root=/dev/sda\r\nquiet", "root=\"/dev/sda",
    ])
    func `a file that would not start the machine is refused`(_ text: String) async throws {
        put(text)
        await #expect(throws: Failure.self) { try await target.check(RaspberryPi.KernelParameter("quiet")) }
        await #expect(throws: Failure.self) { try await RaspberryPi.KernelParameter("quiet").apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }

    @Test(arguments: [
        RaspberryPi.KernelParameter(""), RaspberryPi.KernelParameter("a b"), RaspberryPi.KernelParameter("a", "b c"),
        RaspberryPi.KernelParameter("a=b"),
        RaspberryPi.KernelParameter("a\nb"), RaspberryPi.KernelParameter("a", "b\n"),
        RaspberryPi.KernelParameter("a", "\"b"),
        RaspberryPi.KernelParameter("a", ""), .absent("root"),
    ])
    func `an invalid parameter is refused`(_ parameter: RaspberryPi.KernelParameter) async throws {
        #expect(parameter.problems.count == 1)
        await #expect(throws: Failure.self) { try await target.check(parameter) }
        await #expect(throws: Failure.self) { try await parameter.apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }

    @Test func `concurrent changes of other programs are kept`() async throws {
        try await target.obeysLaw(RaspberryPi.KernelParameter("fsck.repair", "no"))
        put(Self.shipped.replacing("yes", with: "no").replacing("\n", with: " splash\n"))
        try await target.obeysLaw(RaspberryPi.KernelParameter("fsck.repair", "no").reverted())
        #expect(text == Self.shipped.replacing("\n", with: " splash\n"))
    }

    @Test func `conflicts are found`() {
        let host = Host("pi", runs: RaspberryPiOS.self) {
            RaspberryPi.KernelParameter("console", "tty1")
            RaspberryPi.KernelParameter("console", "tty2")
            RaspberryPi.KernelParameter("fsck.repair", "no")
            RaspberryPi.KernelParameter("fsck.repair", "yes")
        }
        #expect(host.conflicts.count == 1)
    }
}
