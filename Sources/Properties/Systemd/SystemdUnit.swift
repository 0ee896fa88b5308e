/// A unit of systemd with this text, in `/etc/systemd/system` (systemd.unit(5)): a service, a timer, a socket …
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
/// `systemd-analyze verify` must accept the text before it is put in place, and systemd reads it at once. Whether the
/// unit runs is another property: ``Service``; ``SystemdService`` is both. A unit of the same name that a package
/// brings is overridden as a whole: to change some of its settings, use ``DropIn``.
///
/// A revert stops, disables and removes the unit, or restores the original text.
public struct SystemdUnit: FileBacked, UnitFile {
    public typealias Target = AnyLinux

    /// The full name: `backup.timer`.
    public let unit: String
    /// The whole file.
    public let text: String

    /// - Parameters:
    ///   - unit: the name; a service if it does not end with a type.
    ///   - text: the whole file.
    public init(_ unit: String, _ text: String) {
        self.unit = UnitName.full(unit)
        self.text = text
    }

    public var name: String { "unit \(unit)" }
    var relativePath: String { unit }

    /// Some settings of a unit that another package or property brings: `/etc/systemd/system/UNIT.d/NAME.conf`.
    ///
    ///     SystemdUnit.DropIn("docker.service", "limits", "[Service]\nLimitNOFILE=65536\n")
    ///         .onChange(Service.Restart("docker"))
    public struct DropIn: FileBacked, UnitFile {
        public typealias Target = AnyLinux

        /// The full name of the unit: `docker.service`.
        public let unit: String
        /// The name of the drop-in: `limits.conf`.
        public let fileName: String
        /// The whole drop-in.
        public let text: String

        /// - Parameters:
        ///   - unit: the name; a service if it does not end with a type.
        ///   - fileName: the name of the drop-in; `.conf` is added if it is missing.
        ///   - text: the whole drop-in.
        public init(_ unit: String, _ fileName: String, _ text: String) {
            self.unit = UnitName.full(unit)
            self.fileName = fileName.hasSuffix(".conf") ? fileName : fileName + ".conf"
            self.text = text
        }

        public var name: String { "unit \(unit): \(fileName)" }
        var relativePath: String { "\(unit).d/\(fileName)" }

        public func validate() throws {
            guard FilePath.Component(fileName) != nil, !fileName.hasPrefix("."),
                fileName.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
            else {
                throw Failure(
                    "invalid name of a drop-in “\(fileName.escaped)”", advice: "Write one such as limits.conf.")
            }
            try validateUnit()
        }
    }
}
