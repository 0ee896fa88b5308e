extension RaspberryPi {
    /// A parameter of the kernel's command line, in `cmdline.txt`.
    ///
    ///     RaspberryPi.KernelParameter("cgroup_enable", "memory")
    ///     RaspberryPi.KernelParameter("console", "tty1")
    ///     RaspberryPi.KernelParameter("quiet")
    ///
    /// A parameter with another value is replaced in its place, but for those of which the kernel takes several, `console`
    /// among them. Without `cgroup_enable=memory` the kernel of a Raspberry Pi limits the memory of no container.
    ///
    /// The file has one line. One with more, or with none, is refused: the machine would not start as it is meant to.
    ///
    /// <https://www.raspberrypi.com/documentation/computers/configuration.html#kernel-command-line-cmdline-txt>,
    /// <https://docs.kernel.org/admin-guide/kernel-parameters.html>
    public struct KernelParameter: Revertible {
        public typealias Target = RaspberryPiOS

        public let key: String
        /// Nil for one that is a word alone, such as `quiet`.
        public let value: String?
        public let isOneOfSeveral: Bool
        private var isAbsent = false

        /// - Parameters:
        ///   - key: `cgroup_enable`, `quiet`.
        ///   - value: nil, the default, for a parameter that is a word alone. Without blanks and quotes.
        ///   - isOneOfSeveral: whether it may stand there with other values too. By default that is so for those of which the
        ///     kernel and systemd are known to take several: `console`, `cgroup_enable`, `systemd.mask` …
        public init(_ key: String, _ value: String? = nil, isOneOfSeveral: Bool? = nil) {
            self.key = key
            self.value = value
            self.isOneOfSeveral = isOneOfSeveral ?? Self.severalTimes.contains(KernelCommandLine.key(of: key))
        }

        /// That a parameter is not there.
        ///
        ///     RaspberryPi.KernelParameter.absent("console", "serial0,115200")
        ///
        /// - Parameter value: only with this value; with any by default.
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
                    + "; from the next start on",
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
            return .unmet("\(described(now)) → \(described(former)); from the next start on")
        }

        public func revert(on machine: Machine) async throws {
            let line = try read(on: machine).line
            guard let former = try former(on: machine) else { return }
            var edited = line
            set(former, in: &edited)
            // It is one line, so both ways must be possible before anything is written.
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

        /// What this property decided about, as it was before Propel first wrote; nil where it never did.
        private func former(on machine: Machine) throws -> [String]? {
            guard let original = try BootFile.commandLine.original(on: machine) else { return nil }
            let line = try KernelCommandLine(original)
            return places(in: line).map { line.parameters[$0] }
        }

        /// The parameters that are this property's business.
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

        /// Makes these the only ones that are this property's business: in the places of those that are there.
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
                    "“\(text.escaped)” is no parameter of the kernel",
                    advice:
                        "Give its name and its value by themselves, without blanks and quotes: \"cgroup_enable\", \"memory\"."
                )
            }
            guard key != "root" || !isAbsent else {
                throw Failure(
                    "without root= the machine would not start",
                    advice: "Declare it with another value, if that is meant.")
            }
        }
    }
}
