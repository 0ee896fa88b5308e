/// A kernel parameter, now and after each boot (sysctl(8), sysctl.d(5)).
///
///     Sysctl("net.ipv4.ip_forward", "1")
///
/// In a container, such as a sandbox, most parameters belong to the computer that it runs on: one that differs there
/// is a failure, in the plan too.
public struct Sysctl: Revertible {
    public typealias Target = AnyLinux

    /// With dots: `vm.swappiness`.
    public let key: String
    /// As in `/proc/sys`.
    public let value: String

    /// - Parameters:
    ///   - key: with dots: `vm.swappiness`. Names that need slashes, such as those with `eth0.1`, cannot be declared.
    ///   - value: as in `/proc/sys`; if it has several fields, the whitespace between them does not matter.
    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    public var name: String { "\(key.escaped) = \(value.escaped)" }
    public var claims: [Claim] { [Claim("the kernel parameter \(key)", is: fields(value).joined(separator: " "))] }
    public var problems: [String] { problems(in: validate) }

    public func check(on machine: Machine) async throws -> Check {
        let present = try running(on: machine)
        var reasons: [String] = []
        if fields(present) != fields(value) {
            if try isForeign(on: machine) { throw foreign(present) }
            reasons.append("now \(present.escaped) → \(value)")
        }
        if case .unmet(let change) = try await file.check(on: machine) {
            reasons.append("\(file.path): \(change.reason)")
        }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        let present = try running(on: machine)
        if fields(present) != fields(value) {
            try FormerValue(name: key, machine: machine).keep(present)
            try await set(value, on: machine)
        }
        // Last: a value that the kernel refuses must not be set at boot either.
        if try await file.check(on: machine) != .satisfied { try await file.apply(on: machine) }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        var reasons: [String] = []
        if let former = try FormerValue(name: key, machine: machine).read() { reasons.append("\(value) → \(former)") }
        if case .unmet(let change) = try await file.checkReverted(on: machine) { reasons.append(change.reason) }
        return .unmet(unlessEmpty: reasons)
    }

    public func revert(on machine: Machine) async throws {
        try validate()
        try await file.revert(on: machine)
        let former = FormerValue(name: key, machine: machine)
        if let value = try former.read() {
            try await set(value, on: machine)
            try former.forget()
        }
    }

    // The last file that sets a key counts, and Debian 12 links /etc/sysctl.conf as 99-sysctl.conf.
    private var file: File { File(FilePath("/etc/sysctl.d/99-zz-\(key).conf"), "\(key) = \(value)\n") }

    private var path: FilePath { FilePath("/proc/sys/" + key.split(separator: ".").joined(separator: "/")) }

    private func fields(_ value: String) -> [Substring] { value.split(whereSeparator: { " \t\n".contains($0) }) }

    static func validate(key: String) throws {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-".utf8.contains($0) } }
            )
        else {
            throw Failure("invalid kernel parameter “\(key.escaped)”", advice: "Write it with dots: vm.swappiness.")
        }
    }

    private func validate() throws {
        try Self.validate(key: key)
        guard !fields(value).isEmpty, value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == UInt8(ascii: "\t") })
        else {
            throw Failure(
                "invalid value of \(key) “\(value.escaped)”",
                advice: "Write it on one line, as `sysctl \(key)` shows it."
            )
        }
    }

    private func running(on machine: Machine) throws -> String {
        try validate()
        guard try machine.files.status(of: path)?.kind == .file else {
            throw Failure(
                "the kernel has no parameter \(key)",
                advice: "Find the name with `sysctl -a`, or load the module that has it.")
        }
        return try machine.files.text(path).trimmed
    }

    private func set(_ value: String, on machine: Machine) async throws {
        // A minimal Debian does not have sysctl(8). The file must be written in place, not replaced.
        let command = Invocation("tee", ["--", path.string], input: Array((value + "\n").utf8))
        let result = try await machine.run(command)
        guard !result.succeeded else { return }
        // A container whose /proc/sys is writable may still not have the right to.
        if try machine.isContainer { throw foreign(try running(on: machine)) }
        let failure = CommandFailure(command: command, result: result)
        throw Failure(
            "\(key) cannot be set to \(value)", command: command.description, ending: result.ending.description,
            output: failure.lastLines,
            advice: "Look at what the kernel accepts: https://docs.kernel.org/admin-guide/sysctl/, or `dmesg`.")
    }

    /// Whether this is a container that must not write the parameter (proc_pid_mountinfo(5)).
    private func isForeign(on machine: Machine) throws -> Bool {
        guard try machine.isContainer,
            let mounts = try machine.files.readIfPresent("/proc/self/mountinfo")
        else { return false }
        var place: FilePath = "/", isReadOnly = false
        for line in String(decoding: mounts, as: UTF8.self).lines {
            let fields = line.split(separator: " ")
            guard fields.count > 5 else { continue }
            let mount = FilePath(String(fields[4]))
            // The last mount on a place hides those before.
            guard path.starts(with: mount), mount.components.count >= place.components.count else { continue }
            (place, isReadOnly) = (mount, fields[5].split(separator: ",").contains("ro"))
        }
        return isReadOnly
    }

    private func foreign(_ present: String) -> Failure {
        Failure(
            "\(key) belongs to the computer that this container runs on, and is \(present.escaped) there",
            advice: "Set it on that computer, or let the role declare it only where a key of hosts.conf says so.")
    }
}
