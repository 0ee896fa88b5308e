import PropelTesting
import Properties
import Testing

/// Overlays, device tree parameters, and the reboot.
extension FirmwareConfigurationTests {
    // MARK: Overlays

    @Test func `an overlay is added to others`() async throws {
        try await expect(
            RaspberryPi.Overlay("disable-bt"), makes: Self.shipped + "dtoverlay=disable-bt\n", of: Self.shipped)
    }

    @Test func `the parameters of an overlay are put right`() async throws {
        let made = Self.shipped.replacing("dtoverlay=vc4-kms-v3d\n", with: "dtoverlay=vc4-kms-v3d,noaudio,cma-128\n")
        try await expect(RaspberryPi.Overlay("vc4-kms-v3d", "noaudio", "cma-128"), makes: made, of: Self.shipped)
    }

    @Test func `an overlay of which there may be several is added`() async throws {
        let present = "dtoverlay=w1-gpio,gpiopin=4\n"
        try await expect(
            RaspberryPi.Overlay("w1-gpio", "gpiopin=17", isOneOfSeveral: true),
            makes: present + "dtoverlay=w1-gpio,gpiopin=17\n", of: present)
        try await expect(
            RaspberryPi.Overlay("w1-gpio", "gpiopin=17"), makes: "dtoverlay=w1-gpio,gpiopin=17\n", of: present + present
        )
    }

    @Test(arguments: [
        ("dtoverlay=a,b\n", true), ("dtoverlay=x\ndtoverlay=a,b\n", true), ("dtoverlay=a\n", false),
        ("dtoverlay=a,b\ndtoverlay=a\n", false),
        ("dtoverlay=aa,b\n", false), ("dtoverlay=a-b,b\n", false), ("#dtoverlay=a,b\n", false),
        ("[pi4]\ndtoverlay=a,b\n", false),
    ])
    func `an overlay exists exactly once`(_ text: String, _ holds: Bool) async throws {
        put(text)
        #expect((try await target.check(RaspberryPi.Overlay("a", "b")) == .satisfied) == holds)
        if !holds { try await target.obeysLaw(RaspberryPi.Overlay("a", "b")) }
    }

    @Test func `an overlay for all models applies to some`() async throws {
        #expect(try await target.check(RaspberryPi.Overlay("vc4-kms-v3d", on: ["pi4"])) == .satisfied)
        #expect(try await target.check(RaspberryPi.Overlay("dwc2", "dr_mode=host", on: ["cm5"])) == .satisfied)
        #expect(try await target.check(RaspberryPi.Overlay("dwc2", "dr_mode=host")) != .satisfied)
    }

    @Test(arguments: [
        RaspberryPi.Overlay(""), RaspberryPi.Overlay("a,b"), RaspberryPi.Overlay("a", ""),
        RaspberryPi.Overlay("a", "b,c"), RaspberryPi.Overlay("a", "b\nc"),
        RaspberryPi.Overlay("a", "b,\u{301}c"),
        RaspberryPi.Overlay("a", String(repeating: "x", count: 90)),
    ])
    func `an invalid overlay is refused`(_ overlay: RaspberryPi.Overlay) async throws {
        #expect(overlay.problems.count == 1)
        await #expect(throws: Failure.self) { try await target.check(overlay) }
        await #expect(throws: Failure.self) { try await overlay.apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }

    // MARK: Parameters of the device tree

    @Test(arguments: ["", "a,b", "a,\u{301}b"]) func `an invalid value is refused`(_ value: String) {
        #expect(RaspberryPi.DeviceTreeParameter("spi", value).problems.count == 1)
    }

    @Test func `a parameter is put right in its place`() async throws {
        try await expect(
            RaspberryPi.DeviceTreeParameter("audio", "off"),
            makes: Self.shipped.replacing("audio=on", with: "audio=off"), of: Self.shipped)
    }

    @Test func `a new parameter is not given to an overlay`() async throws {
        let made = Self.shipped + "dtoverlay=\ndtparam=i2c_arm=on\n"
        try await expect(RaspberryPi.DeviceTreeParameter("i2c_arm"), makes: made, of: Self.shipped)
        try await expect(RaspberryPi.DeviceTreeParameter("i2c_arm"), makes: "a=1\ndtparam=i2c_arm=on\n", of: "a=1\n")
        // Where the scope has been ended once, no second end is needed.
        put(made)
        try await target.obeysLaw(RaspberryPi.DeviceTreeParameter("spi"))
        #expect(text == made + "dtparam=spi=on\n")
    }

    @Test func `the parameter of an overlay is not the machines`() async throws {
        put("dtoverlay=vc4-kms-v3d\ndtparam=audio=off\n")
        try await target.obeysLaw(RaspberryPi.DeviceTreeParameter("audio", "off"))
        #expect(text == "dtoverlay=vc4-kms-v3d\ndtparam=audio=off\ndtoverlay=\ndtparam=audio=off\n")
    }

    @Test func `one of several parameters on a line is corrected`() async throws {
        try await expect(
            RaspberryPi.DeviceTreeParameter("spi", "off"), makes: "dtparam=i2c_arm=on,spi=off,audio\n",
            of: "dtparam=i2c_arm=on,spi=on,audio\n")
        put("dtparam=i2c_arm=on,spi=on,audio\n")
        #expect(try await target.check(RaspberryPi.DeviceTreeParameter("audio")) == .satisfied)
        #expect(try await target.check(RaspberryPi.DeviceTreeParameter("i2c")) != .satisfied)
    }

    // MARK: The restart

    @Test func `a change notes that the machine has to be restarted`() async throws {
        #expect(try await target.check(RaspberryPi.FirmwareSetting("a", "1")) != .satisfied)
        #expect(target.files["/run/reboot-required"] == nil)
        try await target.obeysLaw(RaspberryPi.FirmwareSetting("a", "1"))
        #expect(target.files.text(at: "/run/reboot-required") == "*** System restart required ***\n")
        // A full disk leaves the file as it was.
        target.files.fail(Self.path, with: .noSpace)
        let before = text
        await #expect(throws: FileError.self) {
            try await RaspberryPi.FirmwareSetting("a", "2").apply(on: target.machine)
        }
        #expect(text == before)
    }
}
