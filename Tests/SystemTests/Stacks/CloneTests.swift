import Foundation
import Propel
import Sandbox
import Testing

/// A second machine that has the data of the first, without what is nobody's business there.
@Suite(.serialized)
struct CloneTests {
    private static let uploads = "/var/lib/docker/volumes/shop_uploads/_data"

    @Test(.machines) func `a clone has the data of the first machine`() async throws {
        let shop = try await ShopMachine.up(suite: .bookworm)
        let first = try await shop.deploy()
        #expect(first.status == 0, "\(first)")
        _ = try await shop.sql(
            "CREATE TABLE item (id serial, customer text); INSERT INTO item SELECT i, $$Berta Brandt$$ FROM "
                + "generate_series(1, 1000) i"
        )
        try await shop.machine.ssh(
            "cd \(Self.uploads) && echo picture > cat.svg && echo Berta Brandt > contract.pdf")
        let copy = try await shop.clone(suite: .trixie)
        let containers = try await shop.containers()
        try await expectTheNextRunFinishesAnInterruptedCopy(shop, copy)
        try await expectOnlyAnonymizedData(copy, rows: 1000)
        try await expectNoLeftoversOn(shop, containers)
        try await expectFreshDataOnRequest(shop, copy)
        try await expectALostLinkIsSurvived(shop, copy)
        try await expectOnlyAnonymizedDataLeave(shop, copy)
    }

    private func expectTheNextRunFinishesAnInterruptedCopy(_ shop: ShopMachine, _ copy: ShopMachine) async throws {
        let name = copy.machine.name, item = "shop/data of shop from \(shop.machine.name)"
        let plan = try await copy.propel("plan", name, "--json")
        let planned = try plan.properties.first { $0.path == item }
        #expect(planned?.detail == "copy the data of \(shop.machine.name)", "\(plan)")

        async let run = copy.propel(name, "--json")
        try await eventually("data are restored") {
            (try? await copy.machine.ssh("test -n \"$(docker ps --quiet)\"")) != nil
        }
        _ = try? await copy.machine.ssh("systemctl reboot --force --force")
        let cut = try await run
        #expect(cut.status != 0, "\(cut)")
        try await eventually("the machine answers") { (try? await copy.machine.ssh("docker ps")) != nil }

        let next = try await copy.propel(name, "--json")
        #expect(next.status == 0, "\(next)")
        #expect(try next.paths(.changed).contains(item), "\(next)")
        let last = try await copy.propel(name, "--json")
        try last.expectNoChange()
    }

    private func expectOnlyAnonymizedData(_ copy: ShopMachine, rows: Int) async throws {
        try await copy.waitFor("rows", "\(rows)")
        #expect(try await copy.sql("SELECT count(*) FROM item WHERE customer = $$customer $$ || id") == "\(rows)")
        #expect(try await copy.machine.ssh("cd \(Self.uploads) && ls *.svg *.pdf 2> /dev/null; true") == "cat.svg")
        // Not in what is left of a page of the database either, nor in anything that it came in.
        let search =
            "grep -rlaF 'Berta Brandt' \(Self.uploads) /var/lib/docker/volumes/shop_data /var/lib/propel /tmp "
            + "/run/propel* 2> /dev/null; true"
        #expect(try await copy.machine.ssh(search) == "")
        let unpacked =
            "for f in /var/backups/propel/shop/*/*.dump; do docker exec -i $(docker ps --quiet --filter "
            + "label=com.docker.compose.service=db) pg_restore --file=- < $f; done | grep -c Berta; true"
        #expect(try await copy.machine.ssh(unpacked) == "0")
        let listed = try await copy.propel("backup", "list", copy.machine.name)
        #expect(listed.output.contains("anonymized"), "\(listed)")
    }

    /// The host that the data belong to is as before.
    private func expectNoLeftoversOn(_ shop: ShopMachine, _ containers: [String: String]) async throws {
        #expect(try await shop.containers() == containers)
        #expect(try await shop.sql("SELECT DISTINCT customer FROM item") == "Berta Brandt")
        #expect(try await shop.machine.ssh("cat \(Self.uploads)/contract.pdf") == "Berta Brandt")
        #expect(
            try await shop.machine.ssh(
                "ls -A /var/backups/propel/shop; docker ps --all --quiet | wc -l; docker volume ls --quiet")
                == "3\nshop_data\nshop_uploads")
    }

    private func expectFreshDataOnRequest(_ shop: ShopMachine, _ copy: ShopMachine) async throws {
        let name = copy.machine.name
        _ = try await shop.sql("INSERT INTO item SELECT i, $$Berta Brandt$$ FROM generate_series(1001, 1500) i")
        _ = try await copy.sql("DELETE FROM item WHERE id > 10")
        let unasked = try await copy.propel("clone", name)
        #expect(unasked.status == 64 && unasked.errors.contains("--yes"), "\(unasked)")
        let own = try await copy.propel("clone", shop.machine.name, "--yes")
        #expect(own.status == 64 && own.errors.contains("from = "), "\(own)")
        #expect(try await copy.sql("SELECT count(*) FROM item") == "10")

        // Nothing is kept on the way: neither where temporary files go, nor beside the configuration.
        let scratch = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let before = try copy.machine.configuration.files()
        var environment = copy.anna.environment
        environment["TMPDIR"] = scratch.path
        let cloned = try await copy.machine.configuration.propel(["clone", name, "--yes"], environment: environment)
        #expect(cloned.status == 0, "\(cloned)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
        #expect(try copy.machine.configuration.files() == before)

        try await expectOnlyAnonymizedData(copy, rows: 1500)
        let listed = try await copy.propel("backup", "list", name)
        #expect(listed.output.contains("before restoring"), "\(listed)")
        let after = try await copy.propel(name, "--json")
        try after.expectNoChange()
    }

    private func expectALostLinkIsSurvived(_ shop: ShopMachine, _ copy: ShopMachine) async throws {
        try await shop.machine.ssh("head -c 120000000 /dev/urandom > \(Self.uploads)/large")
        // The connection is ended while the file arrives. If it has arrived before anybody looked, nothing is cut.
        let cut = """
            for look in $(seq 30000); do
              size=$(stat --format=%s /var/backups/propel/shop/.incoming-*/uploads.tar.gz 2> /dev/null)
              [ "${size:-0}" -gt 3000000 ] && break
              sleep 0.01
            done
            [ "${size:-0}" -gt 3000000 ] || { echo "no file arrived"; exit; }
            kill $(ps -o ppid= -p $(pgrep -f '[r]eceive --mark' | head -n 1)); echo cut
            """
        async let interruption = copy.machine.ssh(cut)
        let cloned = try await copy.propel("clone", copy.machine.name, "--yes")
        #expect(try await interruption == "cut")
        #expect(cloned.status == 0 && cloned.errors.contains("connecting again"), "\(cloned)")
        let sum = "sha256sum < \(Self.uploads)/large"
        #expect(try await shop.machine.ssh(sum) == copy.machine.ssh(sum))
        #expect(try await copy.machine.ssh("ls -A /var/backups/propel/shop | grep '^[.]'; true") == "")
    }

    private func expectOnlyAnonymizedDataLeave(_ shop: ShopMachine, _ copy: ShopMachine) async throws {
        _ = try await shop.sql("ALTER TABLE item RENAME COLUMN customer TO name")
        let before = try await copy.machine.ssh("ls /var/backups/propel/shop")
        let refused = try await copy.propel("clone", copy.machine.name, "--yes")
        #expect(refused.status == 1 && refused.output.contains("could not be anonymized"), "\(refused)")
        #expect(try await copy.machine.ssh("ls /var/backups/propel/shop") == before)
        #expect(try await copy.sql("SELECT count(*) FROM item") == "1500")
        // What the database said may have somebody's data in it: it stays there, and nothing else does.
        #expect(
            try await shop.machine.ssh("ls -A /var/backups/propel/shop; docker volume ls --quiet")
                == ".anonymization.log\nshop_data\nshop_uploads")
        let said = "column \"customer\" of relation \"item\" does not exist",
            log = "/var/backups/propel/shop/.anonymization.log"
        #expect(try await shop.machine.ssh("stat -c %a \(log); grep --count '\(said)' \(log)") == "600\n1")
        #expect(!refused.output.contains(said) && !refused.errors.contains(said), "\(refused)")
    }
}

extension Configuration {
    /// The paths of all that is in its own folder, with their sizes.
    fileprivate func files() throws -> [String: Int] {
        var files: [String: Int] = [:]
        for case let file as URL in FileManager.default.enumerator(
            at: folder, includingPropertiesForKeys: [.fileSizeKey]) ?? .init()
        {
            files[file.path] = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize
        }
        return files
    }
}
