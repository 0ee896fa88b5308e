import Foundation
import Testing

extension TestMachine {
    /// The output of `propel compose` is the file on the machine, and valid: for compose itself, whichever version
    /// this machine has, and by the schema of the specification.
    func expectValid(_ printed: String, of stack: String) async throws {
        #expect(try await ssh("cat /srv/\(stack)/docker-compose.yml") + "\n" == printed)
        #expect(try await ssh("cd /srv/\(stack) && docker-compose config --quiet 2>&1") == "")
        let file = configuration.folder.appending(path: "compose.yml").path
        try printed.write(toFile: file, atomically: true, encoding: .utf8)
        let schema = Configuration.repository.appending(path: "Tests/SystemTests/Stacks/compose-spec.json").path
        let judge =
            "import json, jsonschema, sys, yaml; jsonschema.validate(yaml.safe_load(open(sys.argv[1])), "
            + "json.load(open(sys.argv[2])))"
        _ = try await Configuration.run("python3", ["-c", judge, file, schema])
    }
}
