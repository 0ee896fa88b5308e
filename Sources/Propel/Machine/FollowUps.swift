extension Machine {
    /// Notes something that is left for a person to do after the run, such as “log in again as anna”. The report ends
    /// with it.
    public func noteFollowUp(_ text: String) {
        followUpList.withLock { if !$0.contains(text) { $0.append(text) } }
    }

    /// Removes a note, since a later property has done it.
    public func removeFollowUp(_ text: String) { followUpList.withLock { $0.removeAll { $0 == text } } }

    /// The notes in the order in which they were made.
    public var followUps: [String] { followUpList.withLock { $0 } }
}
