import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct NpmTests {
    private let fake = FakeMachine()

    init() {
        fake.commands.program("npm") { [fake] command in
            let words = command.arguments
            if words.contains("ci") {
                let path = FilePath(words[1])
                let lock = fake.files.text(at: path.appending("package-lock.json")) ?? ""
                fake.files.put(path.appending("node_modules").appending(".package-lock.json"), "of " + lock)
                return .printing()
            }
            let parts = (words.last ?? "").split(separator: "@").map(String.init)
            let name = words.last?.hasPrefix("@") == true ? "@" + parts[0] : parts[0]
            let file = FilePath("/usr/local/lib/node_modules/\(name)/package.json")
            if words.contains("uninstall") {
                try fake.files.remove(file)
            } else {
                fake.files.put(file, "{\"name\": \"\(name)\", \"version\": \"\(parts.last ?? "")\"}")
            }
            return .printing()
        }
        fake.runsProgramsOfPi()
    }

    @Test(arguments: ["pm2", "@angular/cli"])
    func `a package has the declared version`(_ name: String) async throws {
        #expect(try await fake.obeysLaw(Npm.Global(name, version: "5.3.0")).reason == "install")
        #expect(
            fake.commands.log.last
                == "npm --global --prefix /usr/local install --no-audit --no-fund -- \(name)@5.3.0")
        let next = Npm.Global(name, version: "5.4.0")
        #expect(try await fake.obeysLaw(next).reason == "5.3.0 → 5.4.0")
        #expect(try await fake.obeysLaw(next.reverted()).reason == "uninstall")
    }

    @Test(arguments: ["", "-g", "a/b", "@a", "@a/b/c", "../x", "a@1"]) func `an invalid name is a problem`(
        _ name: String
    ) {
        #expect(Npm.Global(name, version: "1.0.0").problems.count == 1)
    }

    @Test(arguments: ["", "latest", "^1", "1 2"]) func `a version is exact`(_ version: String) {
        #expect(Npm.Global("a", version: version).problems.count == 1)
    }

    @Test func `a project has what its lock file names`() async throws {
        let project = Npm.Project("/srv/app", owner: "pi")
        fake.files.put(directory: "/srv/app")
        #expect(try await fake.check(project) == .unknown(until: "there is /srv/app/package-lock.json"))
        fake.files.put("/srv/app/package-lock.json", "1")
        #expect(try await fake.obeysLaw(project).reason == "install")
        #expect(
            fake.commands.log.first
                == "runuser --user pi -- npm --prefix /srv/app --no-audit --no-fund ci --omit=dev")
        fake.files.put("/srv/app/package-lock.json", "2")
        #expect(try await fake.obeysLaw(project).reason == "install other versions")
        // Somebody has run npm install.
        fake.files.put("/srv/app/node_modules/.package-lock.json", "other")
        #expect(try await fake.obeysLaw(project).reason == "install other versions")
        #expect(try await fake.check(Npm.Project("/srv/app", owner: "pi", omitsDevelopment: false)).reason != nil)
        try await fake.obeysLaw(project.reverted())
        #expect(fake.files["/srv/app/node_modules"] == nil && fake.files["/srv/app/package-lock.json"] != nil)
    }

    @Test func `a failure leaves the project unmet`() async throws {
        fake.files.put("/srv/app/package-lock.json", "1")
        try await fake.obeysLaw(Npm.Project("/srv/app"))
        fake.files.put("/srv/app/package-lock.json", "2")
        fake.commands.program("npm", status: 1, errors: "npm ERR!")
        await #expect(throws: CommandFailure.self) { try await Npm.Project("/srv/app").apply(on: fake.machine) }
        #expect(try await fake.check(Npm.Project("/srv/app")).reason == "install")
    }
}
