import Vocabulary
import Foundation
import Propel
import Sandbox
import Synchronization
import Testing

/// A stack with a real database, on real machines.
@Suite(.serialized)
struct StackTests {
    @Test(.machines, arguments: DebianRelease.allCases)
    func `a stack is deployed, updated, rolled back, repaired and rebooted`(_ suite: DebianRelease) async throws {
        let shop = try await ShopMachine.up(suite: suite, packages: [])
        let plan = try await shop.propel("plan", shop.machine.name, "--json")
        let first = try await shop.deploy()
        #expect(first.status == 0, "\(first)")
        #expect(try plan.paths(.wouldChange).isSubset(of: try first.paths(.changed)), "\(plan)\n\(first)")
        try await shop.waitFor("version", "v1")
        _ = try await shop.sql("CREATE TABLE item (id serial); INSERT INTO item SELECT generate_series(1, 1000)")
        try await shop.waitFor("rows", "1000")
        try await expectOtherToolsAgree(shop)

        let containers = try await shop.containers()
        let second = try await shop.deploy()
        try second.expectNoChange()
        #expect(try await shop.containers() == containers)
        // systemctl once, and docker about its volumes, its images and its containers.
        #expect(try second.programs == 4)

        try await expectOnlyChangedContainersAreRecreated(shop)
        try await expectANewVersionUnderLoad(shop)
        try await expectARollbackOfAnUnhealthyVersion(shop)
        try await expectDriftIsRepaired(shop)
        try await expectARebootStartsTheStack(shop)
    }

    private func expectOtherToolsAgree(_ shop: ShopMachine) async throws {
        let printed = try await shop.propel("compose", shop.machine.name)
        #expect(printed.status == 0)
        #expect(!printed.output.contains(shop.password))
        try await shop.machine.expectValid(printed.output, of: "shop")
        // It arrived as it is, though everything between us likes to replace what begins with a dollar.
        let environment = try await shop.machine.ssh(
            "docker exec $(docker ps --quiet --filter label=com.docker.compose.service=db) printenv POSTGRES_PASSWORD")
        #expect(environment == shop.password)
    }

    private func expectOnlyChangedContainersAreRecreated(_ shop: ShopMachine) async throws {
        let before = try await shop.containers()
        let run = try await shop.deploy("tag = \"v1\"\nworkers = 8")
        #expect(run.status == 0, "\(run)")
        let after = try await shop.containers()
        #expect(after["db"] == before["db"] && after["front"] == before["front"])
        #expect(after["app"] != before["app"])
        try await shop.waitFor("workers", "workers = 8")
    }

    private func expectANewVersionUnderLoad(_ shop: ShopMachine) async throws {
        let load = Load(on: shop)
        let run = try await shop.propel("deploy", shop.machine.name, "--tag", "v2", "--json")
        #expect(run.status == 0, "\(run)")
        try await shop.waitFor("version", "v2")
        let (asked, added, longest) = await load.end()
        print("stack: new version under load: \(asked) requests, longest time without an answer \(longest)")
        #expect(added > 0)
        // What was answered is there, and nothing that was there before is gone.
        let rows = try #require(Int(try await shop.sql("SELECT count(*) FROM item")))
        #expect(rows >= 1000 + added)
        #expect(
            try String(contentsOf: shop.machine.configuration.folder.appending(path: "hosts.conf"), encoding: .utf8)
                .contains("tag = \"v2\"\nworkers = 8"))
    }

    private func expectARollbackOfAnUnhealthyVersion(_ shop: ShopMachine) async throws {
        let rows = try await shop.sql("SELECT count(*) FROM item")
        let before = try await shop.containers()
        let run = try await shop.propel("deploy", shop.machine.name, "--tag", "sick")
        #expect(run.status == 5, "\(run)")
        #expect(run.output.contains("this version is sick: it never gets healthy"), "\(run)")
        #expect(run.output.contains("rolled back to the version of"), "\(run)")
        try await shop.waitFor("version", "v2")
        #expect(try await shop.sql("SELECT count(*) FROM item") == rows)
        #expect(try await shop.containers()["db"] == before["db"])
        // Neither the machine nor the configuration has it now.
        #expect(
            try String(contentsOf: shop.machine.configuration.folder.appending(path: "hosts.conf"), encoding: .utf8)
                .contains("tag = \"v2\"\nworkers = 8"))
        let after = try await shop.propel(shop.machine.name, "--json")
        try after.expectNoChange()
    }

    private func expectDriftIsRepaired(_ shop: ShopMachine) async throws {
        for drift in [
            "docker stop $(docker ps --quiet --filter label=com.docker.compose.service=app)",
            "docker rm --force $(docker ps --quiet --filter label=com.docker.compose.service=front)",
            "echo '# by hand' >> /srv/shop/docker-compose.yml",
            "docker run --detach --label com.docker.compose.project=shop --label com.docker.compose.service=old "
                + "--label com.docker.compose.oneoff=False shop/front:1",
        ] {
            try await shop.machine.ssh(drift)
            let repair = try await shop.propel(shop.machine.name, "--json")
            #expect(repair.status == 0, "\(drift): \(repair)")
            #expect(try repair.paths(.changed).contains("shop/containers of shop"), "\(drift): \(repair)")
            #expect(try await shop.containers().keys.sorted() == ["app", "db", "front"], "\(drift)")
            try await shop.waitFor("version", "v2")
        }
    }

    private func expectARebootStartsTheStack(_ shop: ShopMachine) async throws {
        let before = try await shop.containers(), rows = try await shop.sql("SELECT count(*) FROM item")
        try await shop.machine.reboot()
        try await shop.waitFor("version", "v2")
        #expect(try await shop.containers() == before)
        #expect(try await shop.machine.ssh("systemctl is-active stack-shop") == "active")
        #expect(try await shop.sql("SELECT count(*) FROM item") == rows)
        let after = try await shop.propel(shop.machine.name, "--json")
        try after.expectNoChange()
    }
}

/// A client that adds rows continuously.
private final class Load: Sendable {
    private struct State {
        var asked = 0
        var added = 0
        var lastAnswer = ContinuousClock.now
        var longest: Duration = .zero
    }

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(on shop: ShopMachine) {
        let work = Task { [self] in
            while !Task.isCancelled {
                let isAdded = await shop.ask("add") == "INSERT 0 1"
                state.withLock { state in
                    state.asked += 1
                    guard isAdded else { return }
                    state.added += 1
                    let now = ContinuousClock.now
                    state.longest = max(state.longest, now - state.lastAnswer)
                    state.lastAnswer = now
                }
                // The deployment needs the processors too.
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        task.withLock { $0 = work }
    }

    /// - Returns: the number of requests, the number of answers, and the longest time between two answers.
    func end() async -> (asked: Int, added: Int, longest: Duration) {
        let work = task.withLock { $0 }
        work?.cancel()
        await work?.value
        return state.withLock { ($0.asked, $0.added, $0.longest) }
    }
}
