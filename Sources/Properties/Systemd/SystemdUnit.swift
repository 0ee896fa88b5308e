/// A unit of systemd's with this text, in `/etc/systemd/system` (systemd.unit(5)): a service, a timer, a socket …
///
///     SystemdUnit("backup.timer", """
///         [Timer]
///         OnCalendar=daily
///
///         [Install]
///         WantedBy=timers.target
///
///         """)
///
/// `systemd-analyze verify` must accept it before it is put in place, and systemd reads it at once. Whether it runs is
/// another property: ``Service``; ``SystemdService`` is both. A unit of a package that has the same name is overridden
/// whole: to change some of it, use ``DropIn``.
///
/// Reverted, the unit is stopped, disabled and gone, or the text that was there before is back.
public struct SystemdUnit: Revertible {
    public typealias Target = AnyLinux

    private let file: UnitFile

    /// - Parameters:
    ///   - unit: the name; a service where it has no type at its end.
    ///   - text: of the whole file.
    public init(_ unit: String, _ text: String) {
        let unit = UnitName.full(unit)
        file = UnitFile(unit: unit, relativePath: unit, text: text)
    }

    public var name: String { "unit \(file.unit)" }
    public var claims: [Claim] { file.file.claims }

    public func announce(to machine: Machine) { machine.expect(file.unit, of: SystemdUnits.self) }

    /// - Throws: ``Failure`` where no unit can have the name, or something other than a file is in its place.
    public func check(on machine: Machine) async throws -> Check { try await file.check(on: machine) }
    public func apply(on machine: Machine) async throws { try await file.apply(on: machine) }
    public func checkReverted(on machine: Machine) async throws -> Check { try await file.checkReverted(on: machine) }
    public func revert(on machine: Machine) async throws { try await file.revert(on: machine) }

    /// Some settings of a unit that another package or property brings: `/etc/systemd/system/UNIT.d/NAME.conf`.
    ///
    ///     SystemdUnit.DropIn("docker.service", "limits", "[Service]\nLimitNOFILE=65536\n")
    ///         .onChange(Service.Restart("docker"))
    public struct DropIn: Revertible {
        public typealias Target = AnyLinux

        private let file: UnitFile
        private let fileName: String

        /// - Parameters:
        ///   - unit: the name; a service where it has no type at its end.
        ///   - fileName: of the drop-in; `.conf` is added where it is not there.
        ///   - text: of the whole drop-in.
        public init(_ unit: String, _ fileName: String, _ text: String) {
            let unit = UnitName.full(unit)
            self.fileName = fileName.hasSuffix(".conf") ? fileName : fileName + ".conf"
            file = UnitFile(unit: unit, relativePath: "\(unit).d/\(self.fileName)", text: text)
        }

        public var name: String { "unit \(file.unit): \(fileName)" }
        public var claims: [Claim] { file.file.claims }

        public func announce(to machine: Machine) { machine.expect(file.unit, of: SystemdUnits.self) }

        /// - Throws: ``Failure`` where no unit or file can have the name, or something other than a file is in its place.
        public func check(on machine: Machine) async throws -> Check {
            guard FilePath.Component(fileName) != nil, !fileName.hasPrefix("."),
                fileName.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
            else { throw Failure("“\(fileName)” is no name of a drop-in", advice: "Give one such as limits.conf.") }
            return try await file.check(on: machine)
        }
        public func apply(on machine: Machine) async throws { try await file.apply(on: machine) }
        public func checkReverted(on machine: Machine) async throws -> Check {
            try await file.checkReverted(on: machine)
        }
        public func revert(on machine: Machine) async throws { try await file.revert(on: machine) }
    }
}

/// A service with the text of its unit, that runs, starts with the machine, and is restarted when the text changes.
///
/// The restart comes after all properties, and the first time too: the service then starts once with what all of them made.
public struct SystemdService: CompositeProperty {
    public typealias Target = AnyLinux

    /// The full name of the unit: `app.service`.
    public let unit: String
    /// Of the whole file.
    public let text: String
    /// Whether it runs.
    public let isRunning: Bool
    /// Whether it starts with the machine; nil leaves that as it is.
    public let isEnabled: Bool?

    /// - Parameters:
    ///   - unit: the name; a service where it has no type at its end.
    ///   - text: of the whole file.
    ///   - isRunning: whether it runs; yes by default.
    ///   - isEnabled: whether it starts with the machine; yes by default, for which the text needs an `[Install]` section.
    ///     nil leaves that as it is.
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
