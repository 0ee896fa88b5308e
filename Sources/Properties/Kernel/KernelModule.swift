/// A kernel module that is loaded now and at each boot (modules-load.d(5), modprobe.d(5)).
///
///     KernelModule("i2c-dev")
///     KernelModule("zfs", options: ["zfs_arc_max=1073741824"])
///
/// Options count when the module is loaded the next time. In a container nothing is loaded: the kernel is that of the
/// computer. ``KernelModule/Absent`` keeps one out.
public struct KernelModule: CompositeProperty {
    public typealias Target = DebianLike

    public let module: String
    public let options: [String]

    /// - Parameters:
    ///   - module: the name, with `-` or `_`.
    ///   - options: its parameters, each as `name=value`; none by default.
    public init(_ module: String, options: [String] = []) {
        self.module = module
        self.options = options
    }

    public var name: String { "kernel module \(module)" }

    public var body: [Declaration] {
        ModuleFile(module: module, kind: .load)
        if !options.isEmpty { ModuleFile(module: module, kind: .options(options)) }
        Loaded(module: module, hasOptions: !options.isEmpty)
    }

    /// - Throws: ``Failure`` if no module can have the name, or an option is not `name=value`.
    static func validate(_ module: String, options: [String]) throws {
        try PlainName.validate(module, of: "a kernel module")
        for option in options where !option.contains("=") || option.utf8.contains(where: { $0 <= 0x20 }) {
            throw Failure("invalid option “\(option.escaped)” of \(module)", advice: "Write name=value.")
        }
    }

    /// The file that says that the module is loaded at boot, or with which options.
    struct ModuleFile: FileBacked {
        typealias Target = DebianLike
        enum Kind: Sendable, Hashable {
            case load
            case options([String])
            case blocked
        }

        let module: String
        let kind: Kind

        var name: String {
            switch kind {
            case .load: "loaded at boot"
            case .options: "options"
            case .blocked: "never loaded"
            }
        }

        var createsDirectory: Bool { true }
        var path: FilePath {
            FilePath(kind == .load ? "/etc/modules-load.d" : "/etc/modprobe.d").appending(escaping: "\(module).conf")
        }

        var file: File {
            switch kind {
            case .load: File(path, "\(module)\n")
            case .options(let options): File(path, "options \(module) \(options.joined(separator: " "))\n")
            case .blocked: File(path, Content(Self.blocking(module)))
            }
        }

        /// The first line is for devices, the second for a program that asks by the name.
        static func blocking(_ module: String) -> String { "blacklist \(module)\ninstall \(module) /bin/false\n" }

        func validate() throws {
            switch kind {
            case .load, .blocked: try KernelModule.validate(module, options: [])
            case .options(let options): try KernelModule.validate(module, options: options)
            }
        }
    }

    /// The module is in the kernel.
    struct Loaded: Property {
        typealias Target = DebianLike
        let module: String
        /// Whether a file with its options takes the place of one that keeps it out.
        var hasOptions = false

        var name: String { "loaded" }
        var claims: [Claim] { [Claim("the kernel module \(module)", is: "loaded")] }

        func check(on machine: Machine) async throws -> Check {
            var reasons: [String] = []
            if try isBlocked(on: machine) { reasons.append("no longer keep it out") }
            if try !isThere(on: machine) { reasons.append("load it") }
            return .unmet(unlessEmpty: reasons)
        }

        func apply(on machine: Machine) async throws {
            if try isBlocked(on: machine) { try machine.originals.restore(path) }
            // One that another program has written.
            if try isBlocked(on: machine) { try machine.files.remove(path) }
            if try !isThere(on: machine) { try await machine.run("modprobe", "--", module) }
        }

        private var path: FilePath { ModuleFile(module: module, kind: .blocked).path }

        /// Whether ``KernelModule/Absent`` has kept it out before.
        private func isBlocked(on machine: Machine) throws -> Bool {
            guard !hasOptions, try machine.files.status(of: path)?.kind == .file else { return false }
            return try machine.files.read(path) == Array(ModuleFile.blocking(module).utf8)
        }

        private func isThere(on machine: Machine) throws -> Bool {
            if try machine.isContainer { return true }
            if try machine.files.status(of: KernelModule.directory(of: module)) != nil { return true }
            return try KernelModule.isBuiltIn(module, on: machine)
        }
    }

    /// The directory that is there while it is loaded.
    static func directory(of module: String) -> FilePath { FilePath("/sys/module/\(plain(module))") }

    /// Whether the kernel contains it. One without parameters has no directory in `/sys/module` then.
    static func isBuiltIn(_ module: String, on machine: Machine) throws -> Bool {
        guard let release = try machine.files.readIfPresent("/proc/sys/kernel/osrelease") else { return false }
        let path = FilePath("/lib/modules/\(String(decoding: release, as: UTF8.self).trimmed)/modules.builtin")
        let list = try machine.files.readIfPresent(path) ?? []
        return String(decoding: list, as: UTF8.self).lines.contains { line in
            line.split(separator: "/").last.map { plain(String($0)) } == plain(module) + ".ko"
        }
    }

    /// The name as the kernel has it: both spellings are one.
    private static func plain(_ name: String) -> String { name.replacing("-", with: "_") }
}
