import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct FirmwareConfigurationTests {
    let target = FakeMachine()
    static let path: FilePath = "/boot/firmware/config.txt"
    /// As Raspberry Pi OS 12 has it, shortened.
    static let shipped = """
        # For more options and information see
        # http://rptl.io/configtxt

        # Uncomment some or all of these to enable the optional hardware interfaces
        #dtparam=i2c_arm=on
        #dtparam=spi=on

        # Enable audio (loads snd_bcm2835)
        dtparam=audio=on
        camera_auto_detect=1

        # Enable DRM VC4 V3D driver
        dtoverlay=vc4-kms-v3d
        max_framebuffers=2
        arm_64bit=1

        [cm4]
        # Enable host mode on the 2711 built-in XHCI USB controller.
        otg_mode=1

        [cm5]
        dtoverlay=dwc2,dr_mode=host

        [all]

        """

    init() {
        put(Self.shipped)
        target.commands.program("sync")
    }

    func put(_ text: String, at path: FilePath = path) { target.files.put(path, text, mode: 0o755) }
    var text: String? { target.files.text(at: Self.path) }

    /// Applies a property to a configuration, and returns it.
    func expect(
        _ property: some Revertible, makes wanted: String, of text: String, _ place: SourceLocation = #_sourceLocation
    ) async throws {
        put(text)
        let before = target.files.snapshot
        try await target.obeysLaw(property)
        #expect(self.text == wanted, sourceLocation: place)
        try await target.obeysLaw(property.reverted())
        try target.files.remove("/run/reboot-required")
        #expect(target.files.snapshot == before, sourceLocation: place)
    }

    // MARK: Settings

    @Test func `a new setting is added to the last section for all models`() async throws {
        let setting = RaspberryPi.FirmwareSetting("gpu_mem", "16")
        let change = try #require(try await target.check(setting).reason)
        #expect(change == "[all]: absent → gpu_mem=16; effective after a restart")
        try await expect(setting, makes: Self.shipped + "gpu_mem=16\n", of: Self.shipped)
        #expect(
            target.commands.log == [
                "sync --file-system /boot/firmware/config.txt", "sync --file-system /boot/firmware/config.txt",
            ])
    }

    @Test func `a setting is put right in its place`() async throws {
        let wanted = Self.shipped.replacing("max_framebuffers=2", with: "max_framebuffers=1")
        try await expect(RaspberryPi.FirmwareSetting("max_framebuffers", "1"), makes: wanted, of: Self.shipped)
    }

    @Test func `a new section ends with [all]`() async throws {
        let made = Self.shipped + "[all]\n[pi4]\narm_freq=1800\n[all]\n"
        try await expect(RaspberryPi.FirmwareSetting("arm_freq", "1800", on: "pi4"), makes: made, of: Self.shipped)
    }

    @Test func `an existing section is used`() async throws {
        let made = Self.shipped.replacing("otg_mode=1\n", with: "otg_mode=1\narm_freq=1800\n")
        try await expect(RaspberryPi.FirmwareSetting("arm_freq", "1800", on: "cm4"), makes: made, of: Self.shipped)
    }

    @Test(arguments: [
        ("a=1\n", true), (" a=1 \n", true), ("a=1", true), ("a=1\r\n", true), ("a=2\na=1\n", true),
        ("[pi4]\n[all]\na=1\n", true),
        ("", false), ("#a=1\n", false), ("# a=1\n", false), ("a=1\na=2\n", false), ("aa=1\n", false), ("a=11\n", false),
        ("A=1\n", false),
        ("[pi4]\na=1\n", false), ("[none]\na=1\n", false), ("a =1\n", false), ("a:0=1\n", false),
        ("a=1\n[all]\na=2\n", false),
    ])
    func `the last line for all machines counts`(_ text: String, _ holds: Bool) async throws {
        put(text)
        #expect((try await target.check(RaspberryPi.FirmwareSetting("a", "1")) == .satisfied) == holds)
        if !holds {
            try await target.obeysLaw(RaspberryPi.FirmwareSetting("a", "1"))
            try await target.obeysLaw(RaspberryPi.FirmwareSetting("a", "1").reverted())
            #expect(self.text == text)
        }
    }

    @Test(arguments: [
        ("[pi4]\na=1\n", true), ("[pi3]\n[pi4]\na=1\n", true), ("a=1\n", true), ("[pi4]\na=2\n[all]\na=1\n", true),
        ("[pi4]\na=1\n[pi400]\na=2\n", true),
        // A later line for all machines undoes it; another kind of filter narrows it; another of its kind replaces it.
        ("[pi4]\na=1\n[all]\na=2\n", false), ("[gpio4=1]\n[pi4]\na=1\n", false), ("[pi4]\n[pi3]\na=1\n", false),
        ("[pi4\na=1]\n", false),
        ("[none]\n[pi4]\na=1\n", false), ("[pi400]\na=1\n", false),
    ])
    func `the last line that the filter lets through counts`(_ text: String, _ holds: Bool) async throws {
        put(text)
        let setting = RaspberryPi.FirmwareSetting("a", "1", on: "pi4")
        #expect((try await target.check(setting) == .satisfied) == holds)
        if !holds {
            try await target.obeysLaw(setting)
            try await target.obeysLaw(setting.reverted())
            #expect(self.text == text)
        }
    }

    @Test func `a line for some models takes precedence over a later one for all`() async throws {
        try await expect(
            RaspberryPi.FirmwareSetting("a", "1", on: "pi4"),
            makes: "[pi4]\na=0\n[all]\na=2\n[all]\n[pi4]\na=1\n[all]\n", of: "[pi4]\na=0\n[all]\na=2\n")
    }

    @Test func `filters of several kinds are combined`() async throws {
        let setting = RaspberryPi.FirmwareSetting("a", "1", on: "pi4", "EDID=VSC-TD2220")
        try await expect(setting, makes: "b=2\n[all]\n[EDID=VSC-TD2220]\n[pi4]\na=1\n[all]\n", of: "b=2\n")
        put("[pi4]\n[EDID=VSC-TD2220]\na=1\n")
        #expect(try await target.check(setting) == .satisfied)
    }

    @Test func `newlines and foreign bytes stay`() async throws {
        try await expect(
            RaspberryPi.FirmwareSetting("a", "1"), makes: "# caf\u{301}\r\nb=2\r\na=1\r\n", of: "# caf\u{301}\r\nb=2")
        target.files.put(Self.path, bytes: Array("# caf\u{e9}\n".unicodeScalars.map { UInt8($0.value) }))
        try await target.obeysLaw(RaspberryPi.FirmwareSetting("a", "1"))
        #expect(target.files[Self.path]?.bytes == [0x23, 0x20, 0x63, 0x61, 0x66, 0xE9, 0x0A] + Array("a=1\n".utf8))
    }

    @Test func `several settings are reverted in any order`() async throws {
        let settings = [
            RaspberryPi.FirmwareSetting("a", "1", on: "pi4"), RaspberryPi.FirmwareSetting("max_framebuffers", "1"),
            RaspberryPi.FirmwareSetting("b", "1", on: "pi4"), RaspberryPi.FirmwareSetting("c", "1"),
        ]
        for setting in settings { try await target.obeysLaw(setting) }
        for index in [2, 0, 3, 1] {
            try await target.obeysLaw(settings[index].reverted())
            for other in settings
            where [2, 0, 3, 1].firstIndex(of: settings.firstIndex { $0.name == other.name } ?? 0) ?? 0 > [2, 0, 3, 1]
                .firstIndex(of: index) ?? 0
            {
                #expect(try await target.check(other) == .satisfied)
            }
        }
        #expect(text == Self.shipped)
    }

    @Test func `concurrent changes of other programs are kept`() async throws {
        let setting = RaspberryPi.FirmwareSetting("max_framebuffers", "1")
        try await target.obeysLaw(setting)
        put((text ?? "") + "hdmi_safe=1\n")
        try await target.obeysLaw(setting.reverted())
        #expect(text == Self.shipped + "hdmi_safe=1\n")
    }

    @Test func `a revert of an unchanged file does nothing`() async throws {
        #expect(try await target.checkReverted(RaspberryPi.FirmwareSetting("arm_64bit", "1")) == .satisfied)
    }

    @Test(arguments: [
        RaspberryPi.FirmwareSetting("", "1"), RaspberryPi.FirmwareSetting("a", ""),
        RaspberryPi.FirmwareSetting("a b", "1"),
        RaspberryPi.FirmwareSetting("a", "1\nb=2"), RaspberryPi.FirmwareSetting("a", "ä"),
        RaspberryPi.FirmwareSetting("#a", "1"),
        RaspberryPi.FirmwareSetting("a", "1 "), RaspberryPi.FirmwareSetting("a", String(repeating: "x", count: 97)),
        RaspberryPi.FirmwareSetting("dtoverlay", "x"), RaspberryPi.FirmwareSetting("dtparam", "x"),
        RaspberryPi.FirmwareSetting("include", "x"),
        RaspberryPi.FirmwareSetting("a", "1", on: "pi4]"), RaspberryPi.FirmwareSetting("a", "1", on: "[pi4]"),
        RaspberryPi.FirmwareSetting("a", "1", on: "all"), RaspberryPi.FirmwareSetting("a", "1", on: "pi4", "cm4"),
        RaspberryPi.FirmwareSetting("a", "1", on: ""),
    ])
    func `an invalid setting is refused`(_ setting: RaspberryPi.FirmwareSetting) async throws {
        #expect(setting.problems.count == 1)
        await #expect(throws: Failure.self) { try await target.check(setting) }
        await #expect(throws: Failure.self) { try await setting.apply(on: target.machine) }
        await #expect(throws: Failure.self) { try await setting.revert(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }

    @Test func `the longest line is not too long`() async throws {
        try await target.obeysLaw(RaspberryPi.FirmwareSetting("a", String(repeating: "x", count: 96)))
    }

    // MARK: Where the file is

    @Test func `before release12 the file is in boot`() async throws {
        try target.files.remove(Self.path)
        put("b=2\n", at: "/boot/config.txt")
        try await target.obeysLaw(RaspberryPi.FirmwareSetting("a", "1"))
        #expect(target.files.text(at: "/boot/config.txt") == "b=2\na=1\n")
    }

    @Test func `the text that points elsewhere is not the file`() async throws {
        try target.files.remove(Self.path)
        put(
            "DO NOT EDIT THIS FILE\n\nThe file you are looking for has moved to /boot/firmware/config.txt\n",
            at: "/boot/config.txt")
        let failure = await #expect(throws: Failure.self) {
            try await target.check(RaspberryPi.FirmwareSetting("a", "1"))
        }
        #expect(failure?.advice?.contains("Mount the boot partition") == true)
        let writes = target.files.writes
        await #expect(throws: Failure.self) {
            try await RaspberryPi.FirmwareSetting("a", "1").apply(on: target.machine)
        }
        #expect(target.files.writes == writes)
    }
}
