extension Container {
    /// Whether it does one job and exits, such as a migration. What depends on it waits for that.
    var isOneShot: Bool { restartPolicy.condition.isOneShot && healthCheck == nil }

    /// Whether a container of this name does its job, or has done it if it is one-shot.
    func isSatisfied(by found: StackContainers.Found) -> Bool {
        if isOneShot { return found.hasSucceeded }
        if restartPolicy.condition.isOneShot || restartPolicy.condition == .onFailure, found.hasSucceeded {
            return true
        }
        // The image may define a health check.
        return healthCheck == nil ? found.isRunningWell : found.isRunning && found.isHealthy
    }
}
