extension RaspberryPi {
    /// A setting of the firmware in `config.txt`, on a line `KEY=VALUE`.
    ///
    ///     RaspberryPi.FirmwareSetting("gpu_mem", "16")
    ///     RaspberryPi.FirmwareSetting("arm_freq", "1800", on: "pi4")
    ///
    /// Of several lines with one key, the last that matches the machine counts; it is changed in place. A later line
    /// for all machines would override one for some, so then the setting is written again after it. Lines with narrower
    /// filters stay as they are.
    ///
    /// <https://www.raspberrypi.com/documentation/computers/config_txt.html>
    public struct FirmwareSetting: FirmwareProperty {
        public typealias Target = RaspberryPiOS

        public let key: String
        public let value: String
        /// Filters without brackets: `pi4`.
        public let filters: [String]

        /// - Parameters:
        ///   - key: as in the documentation: `gpu_mem`, `hdmi_group:0`. Overlays and their parameters have other
        ///     properties; `gpio`, `include` and `initramfs`, which may occur several times, cannot be declared.
        ///   - value: ASCII; the whole line has 98 characters at most, since the firmware reads no more.
        ///   - filters: the machines that it is for, without brackets: `pi4`, `board-type=0x11`; all by default.
        public init(_ key: String, _ value: String, on filters: String...) {
            self.key = key
            self.value = value
            self.filters = filters
        }

        private var subject: String { FirmwareDecision.subject(key, filters) }
        public var name: String { "config.txt: \(subject)=\(value.escaped)" }
        public var claims: [Claim] { [Claim("\(subject) in config.txt", is: value)] }

        private static let ofTheirOwn: [String: String] = [
            "dtoverlay": "Declare RaspberryPi.Overlay(…).", "dtparam": "Declare RaspberryPi.DeviceTreeParameter(…).",
            "gpio": "Several lines of it count together: edit config.txt by hand.",
            "include": "It has no value: edit config.txt by hand.",
            "initramfs": "It has no value: edit config.txt by hand.",
        ]

        func decision() throws -> FirmwareDecision {
            if let advice = Self.ofTheirOwn[key] {
                throw Failure("\(key) is not a setting of one line in config.txt", advice: advice)
            }
            guard FirmwareConfiguration.isName(key) else {
                throw Failure(
                    "invalid setting of config.txt “\(key.escaped)”",
                    advice: "Write its name as in the documentation: gpu_mem.")
            }
            let key = key, value = value, line = "\(key)=\(value)"
            /// All lines that count where these filters are active.
            @Sendable func relevant(
                _ configuration: FirmwareConfiguration, _ filters: ConditionalFilters
            ) -> [FirmwareConfiguration.Entry] {
                configuration.entries.filter { $0.key == key && $0.filters.include(filters) }
            }
            @Sendable func own(
                _ configuration: FirmwareConfiguration, _ filters: ConditionalFilters
            ) -> [FirmwareConfiguration.Entry] {
                relevant(configuration, filters).filter { $0.filters == filters }
            }
            return FirmwareDecision(
                filters: filters, line: line,
                holds: { relevant($0, $1).last?.value == value },
                find: { own($0, $1).map(\.value) },
                set: { configuration, filters in
                    let last = relevant(configuration, filters).last
                    if let last, last.filters == filters {
                        configuration.replace(last, with: line)
                    } else {
                        configuration.add([line], under: filters, after: last?.index)
                    }
                },
                restore: { $0.change(own($0, $2), to: $1, key: key, under: $2) })
        }
    }
}
