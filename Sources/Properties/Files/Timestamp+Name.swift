extension Timestamp {
    /// The time as a name, with a number if that is taken: `20250131T120000Z`, `20250131T120000Z-2`.
    func name(besides taken: [String]) -> String {
        var name = compact, number = 1
        while taken.contains(name) {
            number += 1
            name = "\(compact)-\(number)"
        }
        return name
    }
}
