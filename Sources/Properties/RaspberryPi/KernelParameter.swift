extension RaspberryPi {
    /// A parameter of the kernel's command line, in `cmdline.txt`.
    ///
    ///     RaspberryPi.KernelParameter("cgroup_enable", "memory")
    ///     RaspberryPi.KernelParameter("console", "tty1")
    ///     RaspberryPi.KernelParameter("quiet")
    ///
    /// A parameter with another value is replaced in place, except for those that may occur several times, such as
    /// `console`. Without `cgroup_enable=memory` the kernel of a Raspberry Pi does not limit the memory of containers.
    ///
    /// The file has one line. A file with more lines or none is refused: the machine would not boot correctly.
    ///
    /// <https://www.raspberrypi.com/documentation/computers/configuration.html#kernel-command-line-cmdline-txt>,
    /// <https://docs.kernel.org/admin-guide/kernel-parameters.html>
    public struct KernelParameter: Revertible {
        public typealias Target = RaspberryPiOS

        public let key: String
        /// Nil for a parameter without a value, such as `quiet`.
        public let value: String?
        public let isOneOfSeveral: Bool
        private var isAbsent = false

        /// - Parameters:
        ///   - key: `cgroup_enable`, `quiet`.
        ///   - value: without spaces and quotes; nil, the default, for a parameter without a value.
        ///   - isOneOfSeveral: whether it may occur with other values too. By default, yes for parameters that the
        ///     kernel and systemd accept several times: `console`, `cgroup_enable`, `systemd.mask` …
        public init(_ key: String, _ value: String? = nil, isOneOfSeveral: Bool? = nil) {
            self.key = key
            self.value = value
            self.isOneOfSeveral = isOneOfSeveral ?? Self.severalTimes.contains(KernelCommandLine.key(of: key))
        }

        /// The absence of a parameter.
        ///
        ///     RaspberryPi.KernelParameter.absent("console", "serial0,115200")
        ///
        /// - Parameters:
        ///   - key: `cgroup_enable`, `quiet`.
        ///   - value: only with this value; with any by default.
        public static func absent(_ key: String, _ value: String? = nil) -> KernelParameter {
            var parameter = KernelParameter(key, value)
            parameter.isAbsent = true
            return parameter
        }

        private static let severalTimes: Set<String> = [
            "console", "earlycon", "cgroup_enable", "cgroup_disable", "video", "systemd.mask", "systemd.wants",
            "systemd.setenv",
            "rd.systemd.mask", "rd.systemd.wants", "module_blacklist", "modprobe.blacklist", "initcall_blacklist",
        ]

        private var text: String { key + (value.map { "=" + $0 } ?? "") }
        public var name: String { "cmdline.txt: \(isAbsent ? "no " : "")\(text.escaped)" }

        public var claims: [Claim] {
            let key = KernelCommandLine.key(of: key)
            if isAbsent {
                return [Claim("the kernel parameter \(value == nil ? key : text) in cmdline.txt", is: "absent")]
            }
            guard isOneOfSeveral else { return [Claim("the kernel parameter \(key) in cmdline.txt", is: text)] }
            return [Claim("the kernel parameter \(text) in cmdline.txt", is: text)]
        }

        public var problems: [String] { problems(in: validate) }

        public func check(on machine: Machine) async throws -> Check {
            let (present, line) = try read(on: machine)
            var edited = line
            edit(&edited)
            let before = line.lines.bytes, after = edited.lines.bytes
            if before == after { return .satisfied }
            let others = present.map { line.parameters[$0] }.joined(separator: " and ")
            try await machine.expectReboot()
            return .unmet(
                (isAbsent ? "\(others) → absent" : "\(isOneOfSeveral || others.isEmpty ? "absent" : others) → \(text)")
                    + "; effective after a restart",
                diff: Diff(from: before, to: after))
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await BootFile.commandLine.edit(on: machine) { lines in
                var line = try KernelCommandLine(lines)
                edit(&line)
                lines = line.lines
            }
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            let (present, line) = try read(on: machine)
            guard let former = try former(on: machine) else { return .satisfied }
            let now = present.map { line.parameters[$0] }
            if now == former { return .satisfied }
            func described(_ words: [String]) -> String { words.isEmpty ? "absent" : words.joined(separator: " ") }
            try await machine.expectReboot()
            return .unmet("\(described(now)) → \(described(former)); effective after a restart")
        }

        public func revert(on machine: Machine) async throws {
            let line = try read(on: machine).line
            guard let former = try former(on: machine) else { return }
            var edited = line
            set(former, in: &edited)
            // Both edits of the line must be possible before anything is written.
            let undone = edited.lines
            try await BootFile.commandLine.revert(
                on: machine,
                { lines in
                    guard var line = try? KernelCommandLine(lines) else { return }
                    edit(&line)
                    lines = line.lines
                }, undo: { $0 = undone })
        }

        // MARK: What is there

        private func read(on machine: Machine) throws -> (present: [Int], line: KernelCommandLine) {
            try validate()
            let line = try KernelCommandLine(try BootFile.commandLine.read(on: machine))
            return (places(in: line), line)
        }

        /// The parameters of this property before Propel first wrote the file; nil if it never did.
        private func former(on machine: Machine) throws -> [String]? {
            guard let original = try BootFile.commandLine.original(on: machine) else { return nil }
            let line = try KernelCommandLine(original)
            return places(in: line).map { line.parameters[$0] }
        }

        /// The parameters that this property decides.
        private func places(in line: KernelCommandLine) -> [Int] {
            line.parameters.indices.filter { index in
                let other = line.parameters[index]
                guard KernelCommandLine.key(of: other) == KernelCommandLine.key(of: key) else { return false }
                let isAboutOne = isAbsent ? value != nil : isOneOfSeveral
                return !isAboutOne || other.dropFirst(key.count) == text.dropFirst(key.count)
            }
        }

        private func edit(_ line: inout KernelCommandLine) {
            if isAbsent { return set([], in: &line) }
            let present = places(in: line).map { line.parameters[$0] }
            if isOneOfSeveral, !present.isEmpty { return }
            if present.count == 1, present[0].dropFirst(key.count) == text.dropFirst(key.count) { return }
            set([text], in: &line)
        }

        /// Replaces the parameters of this property by these, in place.
        private func set(_ wanted: [String], in line: inout KernelCommandLine) {
            let present = places(in: line)
            for (place, parameter) in zip(present, wanted) { line.replace(place, with: parameter) }
            for place in present.dropFirst(wanted.count).reversed() { line.remove(place) }
            for parameter in wanted.dropFirst(present.count) { line.append(parameter) }
        }

        private func validate() throws {
            func isPlain(_ text: String) -> Bool {
                !text.isEmpty && text.utf8.allSatisfy { (0x21..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") }
            }
            guard isPlain(key), !key.contains("="), !key.hasPrefix("-"), value.map(isPlain) ?? true else {
                throw Failure(
                    "invalid kernel parameter “\(text.escaped)”",
                    advice:
                        "Give name and value separately, without spaces and quotes: \"cgroup_enable\", \"memory\"."
                )
            }
            guard key != "root" || !isAbsent else {
                throw Failure(
                    "without root= the machine would not boot",
                    advice: "Declare it with another value if you want to change it.")
            }
        }
    }
}
