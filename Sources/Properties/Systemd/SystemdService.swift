/// A service with the text of its unit. It runs, starts at boot, and is restarted when the text changes.
///
/// The restart comes after all properties, the first time too: then the service starts once, with what all of them
/// made.
///
/// ``SystemdUnit/Absent`` removes it.
public struct SystemdService: CompositeProperty {
    public typealias Target = AnyLinux

    /// The full name of the unit: `app.service`.
    public let unit: String
    /// The whole file.
    public let text: String
    /// Whether the service runs.
    public let isRunning: Bool
    /// Whether the service starts at boot; nil leaves that as it is.
    public let isEnabled: Bool?

    /// - Parameters:
    ///   - unit: the name; a service if it does not end with a type.
    ///   - text: the whole file.
    ///   - isRunning: whether the service runs; yes by default.
    ///   - isEnabled: whether the service starts at boot; yes by default, for which the text needs an `[Install]`
    ///     section. nil leaves that as it is.
    public init(_ unit: String, _ text: String, isRunning: Bool = true, isEnabled: Bool? = true) {
        self.unit = UnitName.full(unit)
        self.text = text
        self.isRunning = isRunning
        self.isEnabled = isEnabled
    }

    public var name: String { unit }

    public var body: [Declaration] {
        if isRunning {
            SystemdUnit(unit, text).onChange(Service.Restart(unit))
        } else {
            SystemdUnit(unit, text)
        }
        Service(unit, isRunning: isRunning, isEnabled: isEnabled)
    }
}
