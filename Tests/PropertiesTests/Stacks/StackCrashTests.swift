import PropelTesting
import Testing

@testable import Properties

/// Backups, restores and clones with a fault at every operation, and then another run.
@Suite struct StackCrashTests {
    private func shop() throws -> FakeStack {
        let shop = FakeStack()
        shop.restartsContainersAtBoot()
        // A database that writes what it loads in two steps.
        shop.setProgram("restore") { command in
            let rows = Array(command.input.dropFirst(6)), file = FakeDocker.mountpoint("shop_data").appending("file")
            try shop.fake.files.write(file, bytes: Array(rows.prefix(3)))
            try shop.fake.files.write(file, bytes: rows)
            try shop.fake.files.sync(file)
            try shop.fake.files.sync(file.removingLastComponent())
            return .printing()
        }
        return shop
    }

    private func runs(_ shop: FakeStack) throws {
        try hold(shop.states.values.allSatisfy { $0 == "running" }, "containers are \(shop.states)")
        try hold(!shop.kept.contains(".halted"), "containers are still recorded as halted")
    }

    /// Every backup that counts has what it says.
    private func backupsAreWhole(_ shop: FakeStack) async throws -> [Backup] {
        let backups = try StackBackups(of: shop.stack(), on: shop.fake.machine)
        try hold(backups.all.count == backups.whole.count, "a backup is damaged: \(backups.all)")
        for backup in backups.whole {
            try await StackBackups.verify(backup, of: shop.stack(), on: shop.fake.machine)
        }
        return backups.whole
    }

    private func data(_ shop: FakeStack) -> [String?] {
        ["data/file", "uploads/file", "uploads/other", "words/file"].map { shop.text($0) }
    }
    private static let old = ["old data", "old uploads", nil, "old words"]
    private static let new = ["new data", "new uploads", "another", nil]

    @Test(arguments: Fault.allCases) func `a backup is whole or does not count`(_ fault: Fault) async throws {
        try await atEveryOperation(
            of: {
                let shop = try shop()
                try shop.deploy(shop.stack())
                return shop
            }, \.fake, fault
        ) { shop in
            try await BackupExists(stack: shop.stack(), id: "two").apply(on: shop.fake.machine)
        } judge: { shop in
            _ = try await backupsAreWhole(shop)
            try hold(data(shop) == Self.old, "the data are \(data(shop))")
            try await shop.fake.converge(BackupExists(stack: shop.stack(), id: "two"))
            try hold(try await backupsAreWhole(shop).map(\.id) == ["two"], "the backups are \(shop.kept)")
            try hold(shop.kept == ["two"], "there are leftovers: \(shop.kept)")
            try runs(shop)
        }
    }

    @Test(arguments: Fault.allCases) func `a backup that need not be kept is gone or whole`(
        _ fault: Fault
    ) async throws {
        func backup(_ id: String, of shop: FakeStack) -> BackupExists {
            BackupExists(
                stack: shop.stack(retention: BackupRetention(count: 1)), id: id)
        }
        try await atEveryOperation(
            of: {
                let shop = try shop()
                try shop.deploy(shop.stack())
                try await shop.fake.converge(backup("one", of: shop))
                shop.fake.pass(.seconds(60))
                return shop
            }, \.fake, fault
        ) { shop in
            try await backup("two", of: shop).apply(on: shop.fake.machine)
        } judge: { shop in
            try hold(!(try await backupsAreWhole(shop).isEmpty), "no backup is left")
            shop.fake.pass(.seconds(60))
            try await shop.fake.converge(backup("three", of: shop))
            try hold(shop.kept == ["three"], "there are leftovers: \(shop.kept)")
        }
    }

    @Test(arguments: Fault.allCases) func `a restore loses no data and never passes parts off as whole`(
        _ fault: Fault
    ) async throws {
        func restored(_ shop: FakeStack) -> DataRestored {
            DataRestored(
                stack: shop.stack(), backup: "one", isReplacing: true, request: "now")
        }
        let model = FakeStack()
        try model.deploy(model.stack())
        let deployed = try #require(try StackRecord(of: model.stack(), on: model.fake.machine).current)
        try await atEveryOperation(
            of: {
                let shop = try shop()
                try shop.deploy(shop.stack())
                try await shop.job().take(id: "one", why: "by hand", fallback: .none, retention: nil)
                shop.fake.pass(.seconds(60))
                shop.put("data/file", "new data")
                shop.put("uploads/file", "new uploads")
                shop.put("uploads/other", "another")
                try shop.remove("words/file")
                return shop
            }, \.fake, fault
        ) { shop in
            try await restored(shop).apply(on: shop.fake.machine)
        } judge: { shop in
            let found = data(shop), unfinished = try RestoreRecord.unfinished(of: shop.stack(), on: shop.fake.machine)
            let safety = try await backupsAreWhole(shop).filter { $0.why == "before restoring one" }
            try hold(found == Self.old || found == Self.new || unfinished != nil, "parts count as whole: \(found)")
            try hold(found == Self.new || !safety.isEmpty, "the data from before are lost: \(found)")
            // No backup has the data that are written from now on.
            let record = try StackRecord(of: shop.stack(), on: shop.fake.machine)
            try hold(
                found != Self.old || unfinished != nil || record.current?.id != deployed.id,
                "the deployment is still that of before")
            if let unfinished { try hold(safety.contains { $0.id == unfinished.safety }, "the record has no backup") }
            try await shop.fake.converge(restored(shop))
            try hold(data(shop) == Self.old, "the data are \(data(shop))")
            try hold(
                try RestoreRecord.unfinished(of: shop.stack(), on: shop.fake.machine) == nil, "it counts as unfinished")
            try runs(shop)
        }
    }

    @Test(arguments: Fault.allCases) func `a clone never passes parts off as whole`(_ fault: Fault) async throws {
        func stack(_ shop: FakeStack) -> Stack { shop.stack(with: [], from: "shop.example.com") }
        func cloned(_ shop: FakeStack) -> DataCloned {
            DataCloned(stack: stack(shop), origin: "shop.example.com")
        }
        try await atEveryOperation(
            of: {
                let shop = try shop()
                try shop.makeNew()
                try await shop.arrive(stack(shop))
                return shop
            }, \.fake, fault
        ) { shop in
            try await cloned(shop).apply(on: shop.fake.machine)
        } judge: { shop in
            let found = shop.text("data/file"), record = try CloneRecord.read(of: stack(shop), on: shop.fake.machine)
            try hold(
                found == nil || found == "new data" || record?.progress == .begun,
                "\(found ?? "") counts as whole: \(String(describing: record))")
            if record?.progress == .done { try hold(found == "new data", "\(found ?? "nothing") counts as done") }
            try await shop.fake.converge(cloned(shop))
            try hold(shop.text("data/file") == "new data", "the data are \(shop.text("data/file") ?? "gone")")
            try hold(!shop.states.values.contains("running"), "containers are \(shop.states)")
        }
    }

    @Test func `the origin of a copy is recorded before the copy counts`() async throws {
        let shop = try shop()
        let stack = shop.stack(with: [], from: "shop.example.com")
        try shop.makeNew()
        try await shop.arrive(stack)
        try shop.fake.operations.require(
            "replace /var/lib/propel/stacks/shop.clone", before: "mv --no-target-directory")
    }
}
