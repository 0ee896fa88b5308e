/// The layout of the keyboard, on the console and in graphical sessions (keyboard(5)).
///
///     Keyboard("de", variant: "nodeadkeys")
///     Keyboard("us,de", options: "grp:alt_shift_toggle")
///
/// Settings that are not given stay as they are. The console has the layout after the next restart, or once somebody
/// has called setupcon(1) there.
public struct Keyboard: CompositeProperty {
    public typealias Target = DebianLike

    public let layout: String
    public let variant: String?
    public let model: String?
    public let options: String?

    /// - Parameters:
    ///   - layout: the layout, or several with commas: `de`, `us,de` (xkeyboard-config(7)).
    ///   - variant: the variant of each layout; the present one by default.
    ///   - model: the model: `pc105`; the present one by default.
    ///   - options: `compose:caps`, several with commas; the present ones by default.
    public init(_ layout: String, variant: String? = nil, model: String? = nil, options: String? = nil) {
        self.layout = layout
        self.variant = variant
        self.model = model
        self.options = options
    }

    public var name: String { "keyboard \(layout.escaped)" }

    public var body: [Declaration] {
        Apt.Installed("keyboard-configuration", "console-setup")
        for (key, value) in settings {
            setting(key, value).onChange(Load())
        }
    }

    /// The opposite: the settings from before, which are loaded again.
    public func reverted() -> PropertyGroup<DebianLike> {
        PropertyGroup("no \(name)") {
            for (key, value) in settings { setting(key, value).reverted().onChange(Load()) }
        }
    }

    private func setting(_ key: String, _ value: String) -> Setting {
        Setting("/etc/default/keyboard", key, value, syntax: .shell, createsFile: true)
    }

    private var settings: [(String, String)] {
        let all: [(String, String?)] = [
            ("XKBMODEL", model), ("XKBLAYOUT", layout), ("XKBVARIANT", variant), ("XKBOPTIONS", options),
        ]
        return all.compactMap { key, value in value.map { (key, $0) } }
    }

    /// Has the console of the next boot and the devices use the layout.
    struct Load: Action {
        typealias Target = DebianLike

        var name: String { "load the layout of the keyboard" }

        func perform(on machine: Machine) async throws {
            // For the next boot. To load it now, it would have to be forced, which can freeze a graphical screen.
            try await machine.run("setupcon", "--save-only")
            // It fails where there are no devices, as in a container.
            _ = try await machine.run(
                Invocation("udevadm", ["trigger", "--subsystem-match=input", "--action=change"]))
        }
    }
}
