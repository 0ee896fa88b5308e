import PropelTesting
import Testing

@testable import Properties

/// Deployments and rollbacks with a fault at every operation, and then another run.
@Suite struct DeploymentCrashTests {
    private struct Shop: Sendable {
        let fake = FakeMachine()
        let docker: FakeDocker
        private let clock = SteppingClock()

        init() {
            docker = FakeDocker(on: fake)
            docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        }

        func deployment(_ tag: String, dataFormat: Int = 1) -> StackDeployment {
            var stack = Stack("shop", dataFormat: dataFormat, healthTimeout: .seconds(120)) {
                Container("app", image: "app", tag: tag) {
                    DependsOn("db")
                    ConfigurationFile("/etc/app.conf", text: "version = \(tag)\n")
                    HealthCheck("true")
                }
                Container("db", image: "db", tag: "1") {
                    Volume("data", at: "/data")
                    Environment("DATABASE", "yes")
                    HealthCheck("true")
                }
            }
            stack.timing = clock.timing
            return StackDeployment(stack: stack)
        }

        /// Deploys a version in a run that other hosts decide about, and that is cut off before they have.
        func leaveUndecided(_ tag: String) async throws {
            fake.machine.isDeployedTogether = true
            try await fake.converge(deployment(tag))
            fake.pass(.seconds(60))
        }

        func isHealthy(with tag: String) async throws {
            let check = try await fake.check(deployment(tag))
            try hold(check == .satisfied, "\(tag) is \(check)")
            try hold(
                docker.containers.mapValues(\.image) == ["app": "app:\(tag)", "db": "db:1"],
                "the containers are \(docker.containers)")
            let record = try StackRecord(of: deployment(tag).stack, on: fake.machine)
            try hold(record.pending == nil && record.current?.snapshot != nil, "the record is \(record)")
        }
    }

    @Test(arguments: Fault.allCases, 0...1) func `a deployment is finished by the next run`(
        _ fault: Fault, _ deployments: Int
    ) async throws {
        try await atEveryOperation(
            of: {
                let shop = Shop()
                for tag in ["v1"].prefix(deployments) { try await shop.fake.converge(shop.deployment(tag)) }
                shop.fake.pass(.seconds(60))
                return shop
            }, \.fake, fault
        ) { shop in
            try await shop.deployment("v2").apply(on: shop.fake.machine)
        } judge: { shop in
            try await shop.fake.converge(shop.deployment("v2"))
            try await shop.isHealthy(with: "v2")
        }
    }

    @Test(arguments: Fault.allCases) func `a version that is sick is rolled back by the next run`(
        _ fault: Fault
    ) async throws {
        try await atEveryOperation(
            of: {
                let shop = Shop()
                try await shop.fake.converge(shop.deployment("v2"))
                shop.fake.pass(.seconds(60))
                return shop
            }, \.fake, fault
        ) { shop in
            try await shop.deployment("sick").apply(on: shop.fake.machine)
        } judge: { shop in
            let former = try StackRecord(of: shop.deployment("v2").stack, on: shop.fake.machine).current
            shop.fake.pass(.seconds(60))
            do {
                try await shop.deployment("sick").apply(on: shop.fake.machine)
                throw LawBroken("the sick version counts as healthy")
            } catch let failure as Failure {
                try hold(failure.isRolledBack, "it is not rolled back: \(failure)")
            }
            try await shop.isHealthy(with: "v2")
            // Data were written since the backup: the next attempt takes another.
            let current = try StackRecord(of: shop.deployment("v2").stack, on: shop.fake.machine).current
            try hold(current?.id != former?.id, "no new backup would be taken")
        }
    }

    /// Whether it stays or goes back, since another host that is deployed together with this one has failed.
    @Test(arguments: Fault.allCases, [true, false]) func `an open decision is finished by the next run`(
        _ fault: Fault, _ isStaying: Bool
    ) async throws {
        try await atEveryOperation(
            of: {
                let shop = Shop()
                try await shop.fake.converge(shop.deployment("v1"))
                shop.fake.pass(.seconds(60))
                shop.fake.machine.isDeployedTogether = true
                try await shop.fake.converge(shop.deployment("v2"))
                return shop
            }, \.fake, fault
        ) { shop in
            let deployment = shop.deployment("v2"), machine = shop.fake.machine
            if isStaying {
                try await deployment.settle(on: machine)
            } else {
                _ = try await deployment.retract(because: "web2 failed", on: machine)
            }
        } judge: { shop in
            shop.fake.machine.isDeployedTogether = false
            try await shop.fake.converge(shop.deployment("v2"))
            try await shop.isHealthy(with: "v2")
            try hold(try shop.fake.files.list("/srv/shop/good").count == 1, "a snapshot is left")
            let kept = shop.docker.images.keys.filter { $0.contains("/before:") }
            try hold(kept.isEmpty, "kept for nothing: \(kept)")
        }
    }

    /// A power cut while it waits for the other hosts, and a fault in the run after that.
    @Test(arguments: Fault.allCases) func `what is not decided goes with the wave of a later run`(
        _ fault: Fault
    ) async throws {
        try await atEveryOperation(
            of: {
                let shop = Shop()
                try await shop.fake.converge(shop.deployment("v1"))
                shop.fake.pass(.seconds(60))
                try await shop.leaveUndecided("v2")
                shop.fake.machine.runID = "second"
                return shop
            }, \.fake, fault
        ) { shop in
            try await shop.deployment("v2").apply(on: shop.fake.machine)
        } judge: { shop in
            shop.fake.machine.runID = "third"
            try await shop.fake.converge(shop.deployment("v2"))
            try await shop.isHealthy(with: "v2")
            let failure = try await shop.deployment("v2").retract(because: "web2 failed", on: shop.fake.machine)
            try hold(failure.isRolledBack, "it is not put back: \(failure)")
            shop.fake.machine.isDeployedTogether = false
            try await shop.isHealthy(with: "v1")
            try hold(try shop.fake.files.list("/srv/shop/good").count == 1, "a snapshot is left")
        }
    }

    @Test func `what is not decided and turns out to be sick goes back to what ran before it`() async throws {
        let shop = Shop()
        try await shop.fake.converge(shop.deployment("v1"))
        shop.fake.pass(.seconds(60))
        try await shop.leaveUndecided("v2")
        shop.fake.machine.runID = "second"
        // Docker has started it again after the power cut.
        shop.docker.state.withLock { $0.containers["app"]?.status = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await shop.deployment("v2").apply(on: shop.fake.machine)
        }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        shop.fake.machine.isDeployedTogether = false
        try await shop.isHealthy(with: "v1")
    }

    /// Otherwise an older version could be deployed on data that it cannot read.
    @Test(arguments: Fault.allCases) func `the format of the data is recorded before it is used`(
        _ fault: Fault
    ) async throws {
        try await atEveryOperation(
            of: {
                let shop = Shop()
                try await shop.fake.converge(shop.deployment("v1"))
                return shop
            }, \.fake, fault
        ) { shop in
            try await shop.deployment("v2", dataFormat: 2).apply(on: shop.fake.machine)
        } judge: { shop in
            let app = shop.docker.containers["app"], stack = shop.deployment("v2", dataFormat: 2).stack
            let isStarted = app?.image == "app:v2" && app?.state != "created"
            let format = try StackRecord(of: stack, on: shop.fake.machine).dataFormat
            try hold(!isStarted || format == 2, "v2 runs, and the format is \(format ?? 0)")
            try await shop.fake.converge(shop.deployment("v2", dataFormat: 2))
        }
    }
}
