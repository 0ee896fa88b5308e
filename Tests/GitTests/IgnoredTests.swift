import Testing

@testable import Git

@Suite struct IgnoredTests {
    @Test func `only untracked files that git ignores are ignored`() async throws {
        try await Playground.run { playground in
            try playground.write("*.log\ncache/\n", to: "work/.gitignore")
            let files = [
                "files/a", "files/x.log", "files/kept.log", "files/cache/b", "files/:(top)odd.log", "files/ü.log",
            ]
            for file in files { try playground.write("1\n", to: "work/\(file)") }
            try await playground.git("add", "--force", "files/kept.log")
            let repository = try await playground.repository()
            #expect(
                try await repository.ignored(among: files)
                    == ["files/x.log", "files/cache/b", "files/:(top)odd.log", "files/ü.log"])
            #expect(try await repository.ignored(among: ["files/a"]).isEmpty)
            #expect(try await repository.ignored(among: []).isEmpty)
        }
    }
}
