import PropelTesting

/// Requires a condition after a fault.
func hold(_ condition: Bool, _ words: String) throws { if !condition { throw LawBroken(words) } }
