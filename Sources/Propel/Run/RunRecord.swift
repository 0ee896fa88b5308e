/// A run as the machine remembers it, from its journal and what it noted of its request.
package struct RunRecord: Sendable, Equatable {
    /// How a run ended.
    package enum Ending: String, Sendable, CaseIterable {
        /// It is still going on.
        case running
        case converged
        case failed
        /// The previous version was restored and is healthy, and nothing else failed.
        case rolledBack = "rolled-back"
        /// Guarded changes were put back, and nothing else failed: nobody confirmed them, or another host of the wave
        /// did not converge.
        case putBack = "put-back"
        case interrupted
        /// Another run had the lock: it changed nothing.
        case locked
        /// The request did not fit the machine or the program.
        case refused
        /// The machine restarted in the middle of it; the run after it is the rest.
        case restarted
        /// It was killed, or the machine went down.
        case killed
    }

    /// The ID: `20250131T120000Z-1a2b3c4d`, the time of its begin in UTC and a random number.
    package var id: String
    /// The deployer, such as `anna@laptop`; nil if an earlier version of Propel ran.
    package var deployer: String?
    /// The name of the operation; nil for the description of the host.
    package var operation: String?
    /// The names of the properties or groups that it was restricted to; all if empty.
    package var only: [String]
    package var ending: Ending
    /// The time in seconds from its begin to its end, or until now. Nil if the machine's clock was set in between.
    package var seconds: Double?
    /// How many properties and actions have each status.
    package var counts: RunSummary

    package init(
        id: String, deployer: String? = nil, operation: String? = nil, only: [String] = [], ending: Ending,
        seconds: Double? = nil, counts: RunSummary = RunSummary(counts: [:])
    ) {
        self.id = id
        self.deployer = deployer
        self.operation = operation
        self.only = only
        self.ending = ending
        self.seconds = seconds
        self.counts = counts
    }

    /// The begin in ISO 8601, by the machine's clock.
    package var begun: String { Self.begin(of: id)?.iso8601 ?? id }

    /// Whether a string is the ID of a run.
    package static func isID(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.count == 2 && begin(of: text) != nil && 1...8 ~= parts[1].count
            && parts[1].allSatisfy(\.isLowercaseHexadecimalDigit)
    }

    /// The time that an ID begins with.
    static func begin(of id: String) -> Timestamp? { Timestamp(compact: String(id.prefix { $0 != "-" })) }
}

extension RunRecord {
    private static let lengthLimit = 200

    package var json: JSON {
        .object(present: [
            "run": .string(id), "deployer": deployer.map(JSON.string), "operation": operation.map(JSON.string),
            "only": .nonEmpty(only.map(JSON.string)), "ending": .string(ending.rawValue),
            "seconds": seconds.map { .number(($0 * 1000).rounded() / 1000) }, "counts": counts.json,
        ])
    }

    /// - Throws: ``MalformedMessage`` if it is not a record. Names are cut: a hostile host must not fill a report.
    package init(_ json: JSON) throws {
        guard let ending = Ending(rawValue: try json.text("ending")), Self.isID(try json.text("run")) else {
            throw MalformedMessage(message: String(json.description.prefix(Self.lengthLimit)))
        }
        self.init(
            id: try json.text("run"),
            deployer: try json.optionalText("deployer").map { String($0.prefix(Self.lengthLimit)) },
            operation: try json.optionalText("operation").map { String($0.prefix(Self.lengthLimit)) },
            only: try (json.optionalTexts("only") ?? []).map { String($0.prefix(Self.lengthLimit)) },
            ending: ending, seconds: try json["seconds"].map { _ in try json.seconds("seconds") },
            counts: try RunSummary(try json.member("counts")))
    }
}

extension Timestamp {
    /// Reads ``compact``: `20250131T120000Z`. Nil if the string is something else.
    init?(compact text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        guard let year = bytes.number(0..<4), let month = bytes.number(4..<6), let day = bytes.number(6..<8),
            let hour = bytes.number(9..<11), let minute = bytes.number(11..<13), let second = bytes.number(13..<15)
        else { return nil }
        self.init(utc: year, month, day, hour, minute, second)
        // The 31st of February counts as a day in March there.
        guard compact == text else { return nil }
    }
}
