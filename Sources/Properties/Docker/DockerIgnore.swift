/// The files that a `.dockerignore` certainly excludes. If too many files count in the hash, an image is built once too
/// often; if one is missing, it is not built.
///
/// <https://docs.docker.com/build/concepts/context/#dockerignore-files>
struct DockerIgnore {
    /// Components of the patterns, as scalars, which docker compares: to Swift, composed and decomposed “é” are equal.
    private var patterns: [[[Unicode.Scalar]]] = []

    /// A file with exceptions, character classes or escapes excludes nothing here.
    init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let pattern = String(decoding: line, as: UTF8.self).trimmed
            if pattern.isEmpty || pattern.begins(with: "#") { continue }
            guard !pattern.unicodeScalars.contains(where: { "![]\\".unicodeScalars.contains($0) }) else {
                patterns = []
                return
            }
            let parts = Self.parts(of: pattern).filter { $0 != ["."] }
            guard !parts.contains([".", "."]) else { continue }
            if !parts.isEmpty { patterns.append(parts) }
        }
    }

    /// Whether a path in the context is excluded: it or a directory above it matches a pattern.
    func contains(_ path: String) -> Bool {
        let parts = Self.parts(of: path)
        return patterns.contains { pattern in
            (1...max(1, parts.count)).contains { Self.matches(parts.prefix($0), pattern[...]) }
        }
    }

    private static func parts(of path: String) -> [[Unicode.Scalar]] {
        path.unicodeScalars.split(separator: "/").map(Array.init)
    }

    private static func matches(_ path: ArraySlice<[Unicode.Scalar]>, _ pattern: ArraySlice<[Unicode.Scalar]>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == ["*", "*"] {
            let rest = pattern.dropFirst()
            // At the end it matches everything in a directory, but not the directory.
            return rest.isEmpty
                ? !path.isEmpty : (path.startIndex...path.endIndex).contains { matches(path[$0...], rest) }
        }
        // Stars in a row beside other characters: not certain.
        guard first.firstRange(of: ["*", "*"]) == nil, let name = path.first else { return false }
        return matches(name[...], first[...]) && matches(path.dropFirst(), pattern.dropFirst())
    }

    private static func matches(_ name: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return (name.startIndex...name.endIndex).contains { matches(name[$0...], pattern.dropFirst()) }
        }
        guard let scalar = name.first, first == "?" || first == scalar else { return false }
        return matches(name.dropFirst(), pattern.dropFirst())
    }
}
