import ArgumentParser

/// The wait for a machine whose connection is lost.
struct WaitOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long to wait for a machine whose connection is lost, such as 90s, 10m or 2h; 10m by default, 0 not to "
                + "wait.",
            valueName: "time"))
    var wait: WaitingTime?

    var duration: Duration { wait?.duration ?? Self.standard }

    /// Ten minutes.
    static let standard: Duration = .minutes(10)
}

/// A time as it is typed: `90s`, `10m`, `2h`, or a number of seconds.
struct WaitingTime: ExpressibleByArgument, Equatable {
    let duration: Duration

    private static let units = ["s": 1, "m": 60, "h": 3600]
    /// In seconds: a week.
    private static let limit = 7 * 24 * 3600

    init?(argument: String) {
        let number = argument.prefix { $0.isASCII && $0.isNumber }
        let unit = String(argument.dropFirst(number.count))
        guard let count = Int(number), let factor = unit.isEmpty ? 1 : Self.units[unit], count <= Self.limit / factor
        else { return nil }
        duration = .seconds(count * factor)
    }
}
