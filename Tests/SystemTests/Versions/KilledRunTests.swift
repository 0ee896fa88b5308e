import Foundation
import PropelTesting
import Testing

/// Runs whose enforcer gets SIGKILL at a file operation, on a host with one of each of files, packages, users, swap,
/// units and stacks.
///
/// `PROPEL_KILL_POINTS` is the number of operations, or `all`, for which there are several machines;
/// `PROPEL_KILL_SEED` chooses others.
@Suite struct KilledRunTests {
    private static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    private static let wanted = variable("PROPEL_KILL_POINTS")
    private static let machines = wanted == "all" ? 4 : 1

    /// The operations at which runs of one of the machines are killed, spread over all of them.
    private static func points(of count: Int, on machine: Int, _ generator: inout SeededGenerator) throws -> [Int] {
        if wanted == "all" {
            return stride(from: machine + 1, through: count, by: machines).shuffled(using: &generator)
        }
        // Half of them in the change to one version, half in that to the other.
        let points = min(try #require(Int(wanted ?? "12"), "PROPEL_KILL_POINTS") / 2, count)
        return (0..<points).map {
            Int.random(in: $0 * count / points..<($0 + 1) * count / points, using: &generator) + 1
        }
    }

    @Test(.machines, arguments: 0..<machines)
    func `a run that is killed at a file operation is finished by the next one`(_ number: Int) async throws {
        let versions = try await VersionsMachine.up(), machine = versions.machine
        try await expectDeployed(1, versions)
        // Otherwise there would be nothing to back up before a change.
        try await machine.ssh("echo picture > /var/lib/docker/volumes/versions_data/_data/picture")
        let login = try await KillingLogin(on: machine)
        // Of each change between the versions: the state after it, and the number of its operations.
        var states: [Int: MachineState] = [:], points: [Int: [Int]] = [:]
        var generator = SeededGenerator(seed: Self.variable("PROPEL_KILL_SEED").flatMap { UInt64($0) } ?? 1)
        for tag in [2, 1] {
            try login.arm(at: nil)
            try await expectDeployed(tag, versions)
            let ending = try await login.ending()
            #expect(!ending.isKilled && ending.operations > 100, "\(ending)")
            let state = try await MachineState(of: machine)
            #expect(state.leftovers.isEmpty)
            states[tag] = state
            points[tag] = try Self.points(of: ending.operations, on: number, &generator)
        }
        let (first, second) = try (#require(states[1]), #require(states[2]))
        let whole = Set(first.files + second.files)
        for index in 0..<max(points[1]?.count ?? 0, points[2]?.count ?? 0) {
            for (tag, state) in [(2, second), (1, first)] {
                guard let all = points[tag], index < all.count else {
                    try await expectDeployed(tag, versions)
                    continue
                }
                try await expectFinished(tag, versions, killedAt: all[index], by: login, whole, state)
            }
        }
    }

    /// Deploys a version, and expects that it converges.
    private func expectDeployed(_ tag: Int, _ versions: VersionsMachine) async throws {
        try versions.machine.configuration.write(hosts: versions.entry(tag: tag))
        let run = try await versions.machine.configuration.propel(json: versions.machine.name)
        try #require(run.status == 0, "\(run)")
    }

    /// Changes to a version in a run that is killed, and expects that the next one finishes it.
    /// - Parameters:
    ///   - whole: the files of both versions.
    ///   - state: the state of the machine after a run that nobody has disturbed.
    private func expectFinished(
        _ tag: Int, _ versions: VersionsMachine, killedAt point: Int, by login: KillingLogin, _ whole: Set<String>,
        _ state: MachineState
    ) async throws {
        let machine = versions.machine, configuration = machine.configuration
        try configuration.write(hosts: versions.entry(tag: tag))
        try login.arm(at: point)
        let killed = try await configuration.propel(json: machine.name)
        let ending = try await login.ending()
        let place = "to version \(tag), killed at \(point): \(ending.last)"
        if Self.wanted != nil { print(place) }
        // The number of operations may differ a little from run to run.
        #expect(ending.isKilled || ending.operations + 20 > point, "\(place)\n\(killed)")
        // Where it was the viewer, the run goes on.
        try await machine.waitForNoRun()
        let torn = try await MachineState(of: machine)
        let parts = torn.files.filter { !whole.contains($0) && !$0.contains("/.") }
        #expect(parts.isEmpty, "files that are not whole, \(place)")

        let next = try await configuration.propel(json: machine.name)
        #expect(next.status == 0, "\(place)\n\(next)")
        let found = try await MachineState(of: machine)
        #expect(found.leftovers.isEmpty, "\(place)\n\(next)")
        #expect(found == state, "\(place)\n\(found.difference(to: state))")
        let second = try await configuration.propel(json: machine.name)
        #expect(try second.paths(.ok).count == second.properties.count, "\(place)\n\(second)")
        guard second.status == 0 else { throw Unexpected("\(place)\n\(second)") }
    }
}
