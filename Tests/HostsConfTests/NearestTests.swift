import Testing

import HostsConf

@Suite struct NearestTests {
    @Test(arguments: [
        ("", "", 0), ("abc", "", 3), ("", "abc", 3), ("tag", "tag", 0), ("tga", "tag", 1), ("ca", "abc", 2),
        ("kitten", "sitting", 3),
        ("port", "prot", 1), ("a cat", "an abct", 3), ("é", "e", 1), ("Role", "role", 1),
    ])
    func `the distance counts insertions, deletions, substitutions and swaps`(_ a: String, _ b: String, _ expected: Int)
    {
        #expect(editDistance(a, b) == expected)
        #expect(editDistance(b, a) == expected)
    }

    @Test(arguments: [
        ("prod", ["demo", "production", "pi"], ["production"]), ("PI", ["demo", "pi"], ["pi"]),
        ("ap", ["api", "app", "application"], ["api", "app", "application"]), ("xyzzy", ["demo", "pi"], []),
        ("", ["demo"], []), ("q", ["a", "b"], []), ("app.example.org", ["app.example.com", "x"], ["app.example.com"]),
    ])
    func `similar names come first`(_ name: String, _ candidates: [String], _ expected: [String]) {
        #expect(nearestNames(to: name, among: candidates) == expected)
    }

    @Test func `the number of names is limited`() {
        #expect(nearestNames(to: "a1", among: ["a2", "a3", "a4", "a5"], limit: 2) == ["a2", "a3"])
    }
}
