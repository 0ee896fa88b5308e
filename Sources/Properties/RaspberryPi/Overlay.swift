extension RaspberryPi {
    /// A device tree overlay that the firmware loads: `dtoverlay=NAME,PARAMETER=VALUE,…` in `config.txt`.
    ///
    ///     RaspberryPi.Overlay("disable-bt")
    ///     RaspberryPi.Overlay("vc4-kms-v3d", "noaudio", "cma-128")
    ///     RaspberryPi.Overlay("w1-gpio", "gpiopin=17", isOneOfSeveral: true)
    ///
    /// Other overlays stay. Lines of this overlay with other parameters are replaced, unless it is one of several.
    ///
    /// <https://www.raspberrypi.com/documentation/computers/configuration.html#device-trees-overlays-and-parameters>
    public struct Overlay: FirmwareProperty {
        public typealias Target = RaspberryPiOS

        /// The name of the file in `overlays`, without `.dtbo`.
        public let overlay: String
        /// `NAME` or `NAME=VALUE` each.
        public let parameters: [String]
        /// Filters without brackets: `pi4`.
        public let filters: [String]
        public let isOneOfSeveral: Bool

        /// - Parameters:
        ///   - overlay: the name of the file in `overlays`, without `.dtbo`.
        ///   - parameters: `NAME` or `NAME=VALUE` each, in the order of the line. The whole line has 98 characters at
        ///     most.
        ///   - filters: the machines that it is for; see ``FirmwareSetting``. All by default.
        ///   - isOneOfSeveral: whether the overlay may be loaded with other parameters too, for other pins; no by
        ///     default.
        public init(_ overlay: String, _ parameters: String..., on filters: [String] = [], isOneOfSeveral: Bool = false)
        {
            self.overlay = overlay
            self.parameters = parameters
            self.filters = filters
            self.isOneOfSeveral = isOneOfSeveral
        }

        private var value: String { ([overlay] + parameters).joined(separator: ",") }
        private var subject: String { FirmwareDecision.subject(isOneOfSeveral ? value : overlay, filters) }
        public var name: String { "config.txt: \(FirmwareDecision.subject("dtoverlay=\(value)", filters))" }
        public var claims: [Claim] { [Claim("the overlay \(subject) in config.txt", is: value)] }

        func decision() throws -> FirmwareDecision {
            guard FirmwareConfiguration.isName(overlay) else {
                throw Failure(
                    "invalid overlay name “\(overlay.escaped)”",
                    advice: "/boot/firmware/overlays/README lists them.")
            }
            guard parameters.allSatisfy({ !$0.isEmpty && !$0.contains(anyOf: ",") }) else {
                throw Failure(
                    "a parameter of the overlay \(overlay) is empty or has a comma in it",
                    advice: "Give each parameter as one argument.")
            }
            let overlay = overlay, value = value, isOneOfSeveral = isOneOfSeveral
            /// The lines that this property decides.
            @Sendable func own(
                _ configuration: FirmwareConfiguration, _ filters: ConditionalFilters
            ) -> [FirmwareConfiguration.Entry] {
                configuration.entries.filter { entry in
                    guard entry.key == "dtoverlay", entry.filters == filters else { return false }
                    // The colon is the syntax of before 2015.
                    return isOneOfSeveral
                        ? entry.value == value : entry.value.prefix { $0 != "," && $0 != ":" } == overlay
                }
            }
            return FirmwareDecision(
                filters: filters, line: "dtoverlay=\(value)",
                holds: { configuration, filters in
                    let present = own(configuration, filters)
                    if present.isEmpty {
                        // Under fewer filters it is loaded on these machines too.
                        return configuration.entries.contains {
                            $0.key == "dtoverlay" && $0.value == value && $0.filters.include(filters)
                        }
                    }
                    return isOneOfSeveral || present.map(\.value) == [value]
                },
                find: { own($0, $1).map(\.value) },
                set: { $0.change(own($0, $1), to: [value], key: "dtoverlay", under: $1) },
                restore: { $0.change(own($0, $2), to: $1, key: "dtoverlay", under: $2) })
        }
    }
}
