import Libc

/// The operating system of a machine (os-release(5), uname(2)).
public struct OperatingSystem: MachineFact, Equatable {
    /// `Linux`.
    public var kernel: String
    /// `ID`: `debian`, `ubuntu`.
    public var id: String
    /// `ID_LIKE`, split.
    public var like: [String]
    /// `VERSION_ID` up to its first dot; nil for a rolling release.
    public var release: Int?
    /// `VERSION_CODENAME`: `bookworm`.
    public var codename: String?
    /// Whether it is Raspberry Pi OS, whose `ID` may be `debian`: its images have the file `/etc/rpi-issue`.
    public var isRaspberryPiOS: Bool
    /// `PRETTY_NAME`.
    public var description: String

    /// - Parameters:
    ///   - kernel: as `uname -s` prints it; Linux by default.
    ///   - osRelease: the text of the file; missing values have the defaults of os-release(5).
    ///   - isRaspberryPiOS: whether it is Debian as Raspberry Pi OS sets it up; no by default.
    public init(kernel: String = "Linux", osRelease: String, isRaspberryPiOS: Bool = false) {
        var values: [Substring: String] = [:]
        for line in osRelease.lines.map(\.withoutCarriageReturn) where !line.begins(with: "#") {
            guard let (key, assigned) = line.parts(around: "=") else { continue }
            var value = assigned
            if let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote {
                value = value.dropFirst().dropLast()
            }
            values[key] = String(value)
        }
        self.kernel = kernel
        // The defaults are those of os-release(5).
        id = values["ID"] ?? "linux"
        self.isRaspberryPiOS = isRaspberryPiOS || id == "raspbian"
        like = values["ID_LIKE"]?.split(separator: " ").map(String.init) ?? []
        release = values["VERSION_ID"].flatMap { Int($0.prefix { $0 != "." }) }
        codename = values["VERSION_CODENAME"]
        description = values["PRETTY_NAME"] ?? "Linux"
    }

    /// Reads `/etc/os-release`, or `/usr/lib/os-release`; a machine without either is some Linux.
    public static func read(from machine: Machine) async throws -> OperatingSystem {
        let isRaspberryPiOS = try machine.files.status(of: "/etc/rpi-issue") != nil
        for path: FilePath in ["/etc/os-release", "/usr/lib/os-release"] {
            // os-release(5): /etc/os-release may be a link to this file.
            var path = path
            if try machine.files.status(of: path)?.kind == .link { path = "/usr/lib/os-release" }
            if let text = try machine.files.readIfPresent(path) {
                return OperatingSystem(
                    osRelease: String(decoding: text, as: UTF8.self), isRaspberryPiOS: isRaspberryPiOS)
            }
        }
        return OperatingSystem(osRelease: "")
    }

    /// Whether it is `name` or derived from it.
    public func isLike(_ name: String) -> Bool { id == name || like.contains(name) }
}
