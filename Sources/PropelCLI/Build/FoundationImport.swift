import PlainText
import Foundation

/// An import of Foundation in a module that is linked into `propel-enforce`, which is static and has no room for it.
///
/// The linker would report it as dozens of undefined symbols, after minutes.
struct FoundationImport: Equatable, CustomStringConvertible {
    /// Relative to the root of the configuration.
    let file: String
    let line: Int
    let module: String

    var description: String {
        """
        \(file):\(line): “import \(module)” in a module of propel-enforce, which does not link \(module)
        Remove it. The standard library and Properties have what roles need; FoundationEssentials links, and adds 6 MB.
        """
    }

    /// Finds the first one in the sources of a configuration: in the main program of the enforcer, and in the modules
    /// under `Sources` that it imports, directly or not.
    static func first(in root: URL) -> FoundationImport? {
        var pending = ["Sources/Hosts", "Sources/propel-enforce", "Sources/Programs/propel-enforce"],
            visited = Set<String>()
        while !pending.isEmpty {
            let folder = pending.removeFirst()
            guard visited.insert(folder).inserted else { continue }
            for file in SourceManifest.files(in: folder, of: root) where file.hasSuffix(".swift") {
                guard let text = try? String(contentsOf: root.appending(path: file), encoding: .utf8) else { continue }
                for (line, module) in imports(in: text) {
                    if module.hasPrefix("Foundation"), module != "FoundationEssentials" {
                        return FoundationImport(file: file, line: line, module: module)
                    }
                    pending.append("Sources/\(module)")
                }
            }
        }
        return nil
    }

    /// The imports of a source that are not in an `#if`, with their lines.
    private static func imports(in source: String) -> [(line: Int, module: String)] {
        var depth = 0, isComment = false, found: [(Int, String)] = []
        for (index, line) in source.lines.enumerated() {
            if isComment || line.drop(while: \.isWhitespace).hasPrefix("/*") {
                isComment = line.firstRange(of: "*/") == nil
                continue
            }
            if line.hasPrefix("#if") { depth += 1 }
            if line.hasPrefix("#endif") { depth -= 1 }
            guard depth == 0, line.contains("import") else { continue }
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let keyword = words.firstIndex(of: "import"),
                words[..<keyword].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains(String($0)) })
            else { continue }
            // `import struct Foundation.URL` names the kind first.
            let names = words[words.index(after: keyword)...]
            guard let name = names.first.map({ kinds.contains(String($0)) ? names.dropFirst().first ?? "" : $0 }) else {
                continue
            }
            found.append((index + 1, String(name.prefix { $0 != "." && $0 != ";" })))
        }
        return found
    }

    private static let accessLevels: Set = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
}
