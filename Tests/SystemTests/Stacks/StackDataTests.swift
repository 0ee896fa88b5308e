import Vocabulary
import Foundation
import Propel
import Sandbox
import Testing

/// The data of a stack: backed up, restored, and never lost.
@Suite struct StackDataTests {
    @Test(.machines, arguments: DebianRelease.allCases)
    func `data are backed up, restored and rolled back`(_ suite: DebianRelease) async throws {
        let shop = try await shopWithRows(suite)
        try await expectABackupBeforeEachChange(shop)
        try await expectABackupOnRequestAndItsRestore(shop)
        try await expectTheTestFindsAUselessBackup(shop)
        try await expectARollbackAcrossADataFormat(shop)
    }

    @Test(.machines, arguments: DebianRelease.allCases)
    func `a failure in the middle loses nothing`(_ suite: DebianRelease) async throws {
        let shop = try await shopWithRows(suite)
        try await expectAFullDiskStopsTheDeployment(shop)
        try await expectTheNextRunFinishes(
            shop, tag: "v1", after: "systemctl stop docker.socket docker.service",
            then: "systemctl start docker.service")
        try await expectTheNextRunFinishes(shop, tag: "v2", after: "systemctl reboot --force --force", then: nil)
        #expect(try await shop.machine.ssh("cat /var/lib/docker/volumes/shop_uploads/_data/picture") == "picture")
    }

    private func shopWithRows(_ suite: DebianRelease) async throws -> ShopMachine {
        let shop = try await ShopMachine.up(suite: suite)
        let first = try await shop.deploy()
        #expect(first.status == 0, "\(first)")
        #expect(
            try first.properties.first { $0.path.hasPrefix("shop/backup") }?.status == .ok,
            "there was nothing to back up: \(first)")
        try await shop.waitFor("version", "v1")
        _ = try await shop.sql("CREATE TABLE item (id serial); INSERT INTO item SELECT generate_series(1, 1000)")
        try await shop.machine.ssh("echo picture > /var/lib/docker/volumes/shop_uploads/_data/picture")
        return shop
    }

    private func backups(_ shop: ShopMachine) async throws -> [JSON] {
        let answer = try await shop.propel("backup", "list", shop.machine.name, "--json")
        #expect(answer.status == 0, "\(answer)")
        return try answer.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    private func expectABackupBeforeEachChange(_ shop: ShopMachine) async throws {
        #expect(try await backups(shop).isEmpty)
        let change = try await shop.deploy("tag = \"v1\"\nworkers = 8")
        #expect(change.status == 0, "\(change)")
        let made = try await backups(shop)
        #expect(made.count == 1)
        #expect(made.first?["volumes"] == ["data", "uploads"])
        let nothing = try await shop.deploy("tag = \"v1\"\nworkers = 8")
        try nothing.expectNoChange()
        #expect(try await backups(shop).count == 1)
        // For root alone, and what it says it is.
        #expect(
            try await shop.machine.ssh("stat -c %a /var/backups/propel/shop /var/backups/propel/shop/*/* | sort -u")
                == "600\n700")
        let id = try #require(made.first?["id"]?.string), directory = "/var/backups/propel/shop/\(id)"
        let record = try JSON(parsing: try await shop.machine.ssh("cat \(directory)/backup.json"))
        let said = Set((record["files"]?.array ?? []).compactMap { $0["sha256"]?.string })
        let found = try await shop.machine.ssh("cd \(directory) && sha256sum data.dump uploads.tar.gz").split(
            separator: "\n"
        ).map { String($0.prefix(64)) }
        #expect(said == Set(found) && said.count == 2)
    }

    private func expectABackupOnRequestAndItsRestore(_ shop: ShopMachine) async throws {
        let taken = try await shop.propel("backup", "now", shop.machine.name)
        #expect(taken.status == 0, "\(taken)")
        let list = try await shop.propel("backup", "list", shop.machine.name)
        #expect(list.output.contains("by hand") && list.output.contains("data, uploads"), "\(list)")
        let id = try #require(try await backups(shop).first?["id"]?.string)

        let containers = try await shop.containers()
        let tested = try await shop.propel("backup", "test", shop.machine.name)
        #expect(tested.status == 0, "\(tested)")
        #expect(try await shop.containers() == containers)
        #expect(
            try await shop.machine.ssh("docker ps --all --quiet | wc -l; docker volume ls --quiet")
                == "3\nshop_data\nshop_uploads")

        _ = try await shop.sql("DELETE FROM item WHERE id > 10")
        try await shop.machine.ssh("rm /var/lib/docker/volumes/shop_uploads/_data/picture")
        let refused = try await shop.propel("restore", shop.machine.name, id, "--yes")
        #expect(refused.status == 1 && refused.output.contains("--replace"), "\(refused)")
        #expect(try await shop.sql("SELECT count(*) FROM item") == "10")
        let unasked = try await shop.propel("restore", shop.machine.name, id, "--replace")
        #expect(unasked.status == 64 && unasked.output.contains("replaces data"), "\(unasked)")
        #expect(try await shop.sql("SELECT count(*) FROM item") == "10")
        let unknown = try await shop.propel("restore", shop.machine.name, "20200101T000000Z", "--replace", "--yes")
        #expect(unknown.status == 1 && unknown.output.contains(id), "\(unknown)")

        let restored = try await shop.propel("restore", shop.machine.name, id, "--replace", "--yes")
        #expect(restored.status == 0, "\(restored)")
        try await shop.waitFor("rows", "1000")
        #expect(try await shop.machine.ssh("cat /var/lib/docker/volumes/shop_uploads/_data/picture") == "picture")
        let after = try await shop.deploy("tag = \"v1\"\nworkers = 8")
        try after.expectNoChange()
    }

    /// It is whole, and PostgreSQL itself made it, but does not take it back: what checks the rows looks for a table
    /// by a name that means none while they are restored.
    private func expectTheTestFindsAUselessBackup(_ shop: ShopMachine) async throws {
        _ = try await shop.sql(
            "CREATE FUNCTION known(integer) RETURNS boolean LANGUAGE sql AS $$SELECT count(*) > 0 FROM item$$")
        _ = try await shop.sql("CREATE TABLE note (item integer CHECK (known(item))); INSERT INTO note VALUES (1)")
        let taken = try await shop.propel("backup", "now", shop.machine.name)
        #expect(taken.status == 0, "\(taken)")
        let containers = try await shop.containers()
        let tested = try await shop.propel("backup", "test", shop.machine.name)
        #expect(tested.status == 1, "\(tested)")
        #expect(
            tested.output.contains("db rejects the dump of data")
                && tested.output.contains("relation \"item\" does not exist"), "\(tested)")
        #expect(try await backups(shop).first?["test"]?["ok"] == false)
        let list = try await shop.propel("backup", "list", shop.machine.name)
        #expect(list.output.contains("FAILED 20"), "\(list)")
        #expect(try await shop.containers() == containers)
        #expect(
            try await shop.machine.ssh("docker ps --all --quiet | wc -l; docker volume ls --quiet")
                == "3\nshop_data\nshop_uploads")
        _ = try await shop.sql("DROP TABLE note; DROP FUNCTION known")
    }

    private func expectARollbackAcrossADataFormat(_ shop: ShopMachine) async throws {
        let forward = try await shop.propel("deploy", shop.machine.name, "--tag", "v3")
        #expect(forward.status == 0, "\(forward)")
        _ = try await shop.sql("DELETE FROM item")
        let refused = try await shop.propel("rollback", shop.machine.name, "--to", "v2")
        #expect(
            refused.status == 64 && refused.errors.contains("the format of the data of shop has changed since"),
            "\(refused)")
        // A manual change of hosts.conf is refused by the machine.
        let byHand = try await shop.deploy("tag = \"v2\"\nworkers = 8")
        #expect(byHand.status == 1 && byHand.output.contains("the data of shop may have format 2"), "\(byHand)")
        try await shop.waitFor("version", "v3")

        // What would be lost is told before it asks, and without a yes nothing is done. hosts.conf says v2 already,
        // and the machine v3.
        let asked = try shop.machine.configuration.propelAtTerminal(
            "rollback", shop.machine.name, "--to", "v2", "--restore", environment: ["GNUPGHOME": shop.anna.home])
        try await asked.expect("replaces")
        try await asked.expect("Restore it?")
        asked.type("n\n")
        #expect(try await asked.end().status == 64)
        try await shop.waitFor("version", "v3")
        #expect(try await shop.sql("SELECT count(*) FROM item") == "0")

        let back = try await shop.propel("rollback", shop.machine.name, "--to", "v2", "--restore", "--yes")
        #expect(back.status == 0, "\(back)")
        #expect(!back.output.contains("no longer declared"), "a restore is not the description of a machine: \(back)")
        try await shop.waitFor("version", "v2")
        #expect(try await shop.sql("SELECT count(*) FROM item") == "1000")
        let after = try await shop.propel(shop.machine.name, "--json")
        try after.expectNoChange()
        let again = try await shop.propel("rollback", shop.machine.name, "--to", "v1", "--restore", "--yes")
        #expect(again.status == 64 && again.errors.contains("nothing to restore"), "\(again)")
    }

    private func expectAFullDiskStopsTheDeployment(_ shop: ShopMachine) async throws {
        let before = try await shop.containers()
        try await shop.machine.ssh(
            "mkdir -p /var/backups/propel/shop && mount -t tmpfs -o size=64k,mode=700 none /var/backups/propel/shop")
        // More than fits, and nothing that could be made smaller.
        try await shop.machine.ssh("head -c 1000000 /dev/urandom > /var/lib/docker/volumes/shop_uploads/_data/large")
        let full = try await shop.deploy("tag = \"v2\"")
        #expect(full.status == 1, "\(full)")
        #expect(full.output.contains("No space left on device"), "\(full)")
        #expect(try full.paths(.skipped).contains("shop/containers of shop"), "\(full)")
        #expect(try await shop.containers() == before)
        try await shop.waitFor("version", "v1")
        #expect(try await shop.machine.ssh("ls -A /var/backups/propel/shop") == "", "nothing half is left")
        try await shop.machine.ssh(
            "umount /var/backups/propel/shop; rm /var/lib/docker/volumes/shop_uploads/_data/large")
        // A container that stood still for the backup goes on.
        try await shop.waitFor("rows", "1000")
        let next = try await shop.propel(shop.machine.name, "--json")
        #expect(next.status == 0, "\(next)")
        try await shop.waitFor("version", "v2")
        #expect(try await shop.sql("SELECT count(*) FROM item") == "1000")
        #expect(try await backups(shop).count == 1)
    }

    /// A failure of the machine while the containers change.
    private func expectTheNextRunFinishes(
        _ shop: ShopMachine, tag: String, after failure: String, then mend: String?
    ) async throws {
        try shop.machine.describe(role: "shop", keys: "tag = \"\(tag)\"")
        async let run = shop.propel(shop.machine.name, "--json")
        try await eventually("containers change") {
            (try? await shop.machine.ssh("grep --quiet pending /var/lib/propel/stacks/shop.json")) != nil
        }
        _ = try? await shop.machine.ssh(failure)
        let cut = try await run
        #expect(cut.status != 0, "\(failure): \(cut)")
        if let mend { try await shop.machine.ssh(mend) }
        try await eventually("the machine answers") { (try? await shop.machine.ssh("docker ps")) != nil }
        let next = try await shop.propel(shop.machine.name, "--json")
        #expect(next.status == 0, "\(failure): \(next)")
        try await shop.waitFor("version", tag)
        #expect(try await shop.sql("SELECT count(*) FROM item") == "1000")
        let last = try await shop.propel(shop.machine.name, "--json")
        try last.expectNoChange()
    }
}
