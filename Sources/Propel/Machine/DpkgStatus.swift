/// The packages that dpkg knows (`/var/lib/dpkg/status`, deb-control(5)).
public struct DpkgStatus: MachineFact, Equatable {
    /// The state of one package.
    public struct Package: Sendable, Equatable {
        /// `installed`, `config-files`, `half-configured` …
        public var state: String
        public var version: String
        /// Whether the package is on hold.
        public var isHeld: Bool
    }

    /// The packages by name, without architectures.
    public private(set) var packages: [String: Package] = [:]
    /// The packages of other architectures than that of the first one, by `libc6:i386`.
    private var foreign: [String: Package] = [:]
    /// The names of packages that dpkg knows of foreign architectures alone.
    private var foreignNames: Set<String> = []
    /// The architecture of the first package that has one.
    private var usual = ""

    /// Whether a run of dpkg was interrupted, so that dpkg refuses to work before `dpkg --configure -a`.
    public var isInterrupted: Bool

    /// Reads dpkg's file; a machine without one has no packages.
    /// - Throws: ``FileError`` if it cannot be read.
    public static func read(from machine: Machine) async throws -> DpkgStatus {
        // dpkg keeps changes that are not in the status file yet as numbered files here.
        let updates =
            try machine.files.status(of: "/var/lib/dpkg/updates") == nil
            ? [] : try machine.files.list("/var/lib/dpkg/updates")
        return DpkgStatus(
            status: try machine.files.readIfPresent("/var/lib/dpkg/status") ?? [],
            isInterrupted: updates.contains { $0.allSatisfy(\.isNumber) })
    }

    /// - Parameters:
    ///   - status: the bytes of `/var/lib/dpkg/status`.
    ///   - isInterrupted: whether `/var/lib/dpkg/updates` has records that are not in it yet; no by default.
    public init(status: [UInt8], isInterrupted: Bool = false) {
        self.isInterrupted = isInterrupted
        status.withUnsafeBufferPointer { parse($0) }
    }

    // Bytes, not strings: the file has tens of thousands of lines, and every run reads it.
    private mutating func parse(_ text: UnsafeBufferPointer<UInt8>) {
        var name: String?, status: String?, version = "", architecture = ""
        var start = 0
        func value(_ field: StaticString, _ end: Int) -> String? {
            let count = field.utf8CodeUnitCount
            guard end - start > count, lineBegins(with: field) else { return nil }
            var first = start + count, last = end
            while first < last, isSpace(text[first]) { first += 1 }
            while first < last, isSpace(text[last - 1]) { last -= 1 }
            return String(decoding: UnsafeBufferPointer(rebasing: text[first..<last]), as: UTF8.self)
        }
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || 0x09...0x0D ~= byte }
        func lineBegins(with field: StaticString) -> Bool {
            for index in 0..<field.utf8CodeUnitCount where text[start + index] != field.utf8Start[index] {
                return false
            }
            return true
        }
        while start <= text.count {
            var end = start
            while end < text.count, text[end] != 0x0A { end += 1 }
            if end == start {
                if let name, let status { add(name, status, version, architecture) }
                (name, status, version, architecture) = (nil, nil, "", "")
            } else {
                switch text[start] {
                case UInt8(ascii: "P"): name = value("Package:", end) ?? name
                case UInt8(ascii: "S"): status = value("Status:", end) ?? status
                case UInt8(ascii: "A"): architecture = value("Architecture:", end) ?? architecture
                case UInt8(ascii: "V"): version = value("Version:", end) ?? version
                default: break
                }
            }
            start = end + 1
        }
        if let name, let status { add(name, status, version, architecture) }
    }

    private mutating func add(_ name: String, _ status: String, _ version: String, _ architecture: String) {
        let words = status.utf8.split(separator: UInt8(ascii: " "))
        guard words.count == 3 else { return }
        let package = Package(
            state: String(Substring(words[2])), version: version, isHeld: words[0].elementsEqual("hold".utf8))
        if architecture != "all" {
            if usual.isEmpty { usual = architecture }
            if architecture != usual { foreign["\(name):\(architecture)"] = package }
        }
        if architecture == usual || architecture == "all" {
            foreignNames.remove(name)
        } else if packages[name] == nil {
            foreignNames.insert(name)
        }
        // If there are several architectures, the installed one counts.
        if packages[name]?.state == "installed", package.state != "installed" { return }
        packages[name] = package
    }

    /// A package by its name, or by its name and architecture: `libc6:i386`. Nil if dpkg does not know it.
    public subscript(name: String) -> Package? {
        guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")) else { return packages[name] }
        if let package = foreign[name] { return package }
        let base = String(name[..<colon])
        return name[colon...].dropFirst() == usual && !foreignNames.contains(base) ? packages[base] : nil
    }

    /// Whether the package is installed and configured.
    public func isInstalled(_ name: String) -> Bool { self[name]?.state == "installed" }

    /// Whether the package is installed, even if only in part.
    public func isPresent(_ name: String) -> Bool {
        guard let state = self[name]?.state else { return false }
        return state != "not-installed" && state != "config-files"
    }
}
