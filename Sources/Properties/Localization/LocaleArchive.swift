/// The locales with data on the machine, as `locale -a` lists them.
///
/// They are read from the places where glibc keeps them: an archive, and one directory for each of the others.
struct LocaleArchive: MachineFact, Equatable {
    var names: Set<String>
    /// The place of each locale of the archive in it, by its names: it can have several.
    var records: [String: UInt32] = [:]

    static let directory: FilePath = "/usr/lib/locale"

    static func read(from machine: Machine) async throws -> LocaleArchive {
        guard try machine.files.status(of: directory) != nil else { return LocaleArchive(names: []) }
        let names = Set(try machine.files.list(directory)).subtracting(["locale-archive"])
        let archive = directory.appending("locale-archive")
        if let status = try machine.files.status(of: archive) {
            guard status.kind == .file, let index = try index(of: archive, on: machine) else {
                // In an unknown format: glibc's own program reads it.
                let lines = try await machine.run("locale", "-a").text.nonEmptyLines
                return LocaleArchive(names: names.union(lines.map(String.init)))
            }
            return LocaleArchive(names: names.union(index.keys), records: index)
        }
        return LocaleArchive(names: names)
    }

    /// The other names of a locale in the archive, sorted: of `de_DE` these are `de_DE.iso88591` and `german`.
    func otherNames(of name: String) -> [String] {
        guard let record = records[name] else { return [] }
        return records.filter { $0.value == record && $0.key != name }.keys.sorted()
    }

    /// The names in an archive, each with the offset of its record; nil if the format is unknown. (glibc,
    /// locale/locarchive.h: a header of 32-bit numbers in the byte order of the machine, then a hash table of entries —
    /// hash, offset of the name, offset of the record — then the names, each followed by a NUL.)
    private static func index(of archive: FilePath, on machine: Machine) throws -> [String: UInt32]? {
        let header = Words(bytes: try machine.files.read(archive, first: 56))
        guard header[0] == 0xde02_0109, let table = header[2], let count = header[4], let strings = header[5],
            let size = header[7],
            count < 1 << 20, size < 1 << 26, table < 1 << 26, strings < 1 << 26
        else { return nil }
        let end = max(Int(table) + Int(count) * 12, Int(strings) + Int(size))
        let bytes = try machine.files.read(archive, first: end)
        guard bytes.count == end else { return nil }
        let words = Words(bytes: bytes)
        var records: [String: UInt32] = [:]
        for entry in 0..<Int(count) {
            let position = Int(table) / 4 + entry * 3
            guard let name = words[position + 1], let record = words[position + 2], record != 0, name < end else {
                continue
            }
            records[String(decoding: bytes[Int(name)...].prefix { $0 != 0 }, as: UTF8.self)] = record
        }
        return records
    }

    private struct Words {
        let bytes: [UInt8]

        subscript(index: Int) -> UInt32? {
            guard index >= 0, index * 4 + 4 <= bytes.count else { return nil }
            return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self) }
        }
    }
}
