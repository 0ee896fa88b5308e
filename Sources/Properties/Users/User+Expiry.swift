extension User {
    /// The day from which on nobody can log in as a user (shadow(5)).
    public enum Expiry: Sendable, Hashable, CustomStringConvertible {
        case never
        /// A day of the Gregorian calendar.
        case on(year: Int, month: Int, day: Int)

        /// As usermod(8) takes it.
        public var description: String {
            switch self {
            case .never: "never"
            case .on(let year, let month, let day): "\(year)-\(Self.digits(month))-\(Self.digits(day))"
            }
        }

        private static func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

        /// The days since 1970-01-01; nil for never.
        /// (<https://howardhinnant.github.io/date_algorithms.html#days_from_civil>)
        var days: Int? {
            guard case .on(let year, let month, let day) = self else { return nil }
            let shifted = month <= 2 ? year - 1 : year
            let era = shifted / 400, ofEra = shifted % 400
            let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
            return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
        }

        func validate(of login: String) throws {
            guard case .on(let year, let month, let day) = self else { return }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            guard 1970...9999 ~= year, 1...12 ~= month, 1...lengths[month - 1] ~= day else {
                throw Failure("\(login) expires on \(self), which is no day", advice: "Give year, month and day.")
            }
        }

        /// The change from what shadow(5) has; nil if that is the same day.
        func difference(of login: String, on machine: Machine) async throws -> String? {
            let present = try await machine.fact(Shadow.self).expiry(of: login)
            guard present != days else { return nil }
            return self == .never ? "let it never expire" : "let it expire on \(self)"
        }

        func apply(to login: String, on machine: Machine) async throws {
            let date = self == .never ? "" : description
            try await machine.run("usermod", "--expiredate", date, "--", login)
        }
    }
}
