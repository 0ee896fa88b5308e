extension RaspberryPi {
    /// A parameter of the base device tree: `dtparam=NAME=VALUE` in `config.txt`.
    ///
    ///     RaspberryPi.DeviceTreeParameter("i2c_arm", "on")
    ///     RaspberryPi.DeviceTreeParameter("audio", "off")
    ///
    /// After a `dtoverlay=` line, `dtparam` sets a parameter of that overlay (`audio` is one of `vc4-kms-v3d`). So such
    /// lines stay as they are, and if a line must be added below an overlay, an empty `dtoverlay=` ends it first.
    ///
    /// <https://www.raspberrypi.com/documentation/computers/configuration.html#device-trees-overlays-and-parameters>
    public struct DeviceTreeParameter: FirmwareProperty {
        public typealias Target = RaspberryPiOS

        public let parameter: String
        public let value: String
        /// Filters without brackets: `pi4`.
        public let filters: [String]

        /// - Parameters:
        ///   - parameter: as in `/boot/firmware/overlays/README`: `i2c_arm`, `spi`, `act_led_trigger`. Aliases such as
        ///     `i2c` are not recognized.
        ///   - value: `on` by default, which a parameter without a value has too.
        ///   - filters: the machines that it is for; see ``FirmwareSetting``. All by default.
        public init(_ parameter: String, _ value: String = "on", on filters: String...) {
            self.parameter = parameter
            self.value = value
            self.filters = filters
        }

        private var subject: String { FirmwareDecision.subject(parameter, filters) }
        public var name: String { "config.txt: \(FirmwareDecision.subject("dtparam=\(parameter)=\(value)", filters))" }
        public var claims: [Claim] { [Claim("the device tree parameter \(subject) in config.txt", is: value)] }

        /// One of the parameters of a line: `dtparam=i2c_arm=on,spi=on` has two.
        private struct Place {
            var entry: FirmwareConfiguration.Entry
            var position: Int
            var value: String
        }

        private static func parts(of entry: FirmwareConfiguration.Entry) -> [String] {
            entry.value.split(separator: ",").map(String.init)
        }

        func decision() throws -> FirmwareDecision {
            guard FirmwareConfiguration.isName(parameter), !value.isEmpty, !value.contains(anyOf: ",") else {
                throw Failure(
                    "invalid device tree parameter “\(parameter.escaped)=\(value.escaped)”",
                    advice: "/boot/firmware/overlays/README lists them: i2c_arm, with the value on.")
            }
            let parameter = parameter, value = value
            /// All lines that count where these filters are active.
            @Sendable func relevant(_ configuration: FirmwareConfiguration, _ filters: ConditionalFilters) -> [Place] {
                configuration.entries.filter { $0.key == "dtparam" && !$0.isInOverlay && $0.filters.include(filters) }
                    .flatMap { entry in
                        Self.parts(of: entry).enumerated().compactMap { position, part in
                            let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                            guard words[0] == parameter else { return nil }
                            return Place(
                                entry: entry, position: position, value: words.count > 1 ? String(words[1]) : "on")
                        }
                    }
            }
            @Sendable func put(_ part: String?, in place: Place, _ configuration: inout FirmwareConfiguration) {
                var parts = Self.parts(of: place.entry)
                if let part { parts[place.position] = part } else { parts.remove(at: place.position) }
                if parts.isEmpty { return configuration.remove([place.entry]) }
                configuration.replace(place.entry, with: "dtparam=\(parts.joined(separator: ","))")
            }
            @Sendable func own(_ configuration: FirmwareConfiguration, _ filters: ConditionalFilters) -> [Place] {
                relevant(configuration, filters).filter { $0.entry.filters == filters }
            }
            @Sendable func add(
                _ value: String, _ configuration: inout FirmwareConfiguration, _ filters: ConditionalFilters
            ) {
                let after = relevant(configuration, filters).last?.entry.index
                let end = configuration.wouldAddToOverlay(under: filters, after: after) ? ["dtoverlay="] : []
                configuration.add(end + ["dtparam=\(parameter)=\(value)"], under: filters, after: after)
            }
            return FirmwareDecision(
                filters: filters, line: "dtparam=\(parameter)=\(value)",
                holds: { relevant($0, $1).last?.value == value },
                find: { own($0, $1).map(\.value) },
                set: { configuration, filters in
                    if let last = relevant(configuration, filters).last, last.entry.filters == filters {
                        put("\(parameter)=\(value)", in: last, &configuration)
                    } else {
                        add(value, &configuration, filters)
                    }
                },
                restore: { configuration, values, filters in
                    while own(configuration, filters).count > values.count, let last = own(configuration, filters).last
                    { put(nil, in: last, &configuration) }
                    for (index, value) in values.enumerated() {
                        // Read again: the last edit may have changed the same line.
                        let present = own(configuration, filters)
                        if index >= present.count {
                            add(value, &configuration, filters)
                        } else if present[index].value != value {
                            put("\(parameter)=\(value)", in: present[index], &configuration)
                        }
                    }
                })
        }
    }
}
