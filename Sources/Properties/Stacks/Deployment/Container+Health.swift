extension Container {
    /// Whether it does something once and ends: others wait for that.
    var isOneShot: Bool { restartPolicy.condition == .never && healthCheck == nil }

    /// Whether a container of this name does what it is for, or has done it.
    func isWell(_ found: StackContainers.Found) -> Bool {
        if isOneShot { return found.hasSucceeded }
        if restartPolicy.condition == .never || restartPolicy.condition == .onFailure, found.hasSucceeded {
            return true
        }
        // An image may bring a check of its own.
        return healthCheck == nil ? found.isRunningWell : found.isRunning && found.isHealthy
    }
}
