/// The boot loader GRUB (<https://www.gnu.org/software/grub/manual/grub/>).
public enum Grub {
    /// A parameter of the kernel's command line.
    ///
    ///     Grub.KernelParameter("mitigations", "off")
    ///     Grub.KernelParameter("console", "ttyS0,115200", isOneOfSeveral: true)
    ///     Grub.KernelParameter("quiet")
    ///
    /// It is a file of `/etc/default/grub.d`, which adds it after the parameters of `/etc/default/grub`: of several
    /// values the kernel takes the last. The menu is made after the run's other changes. The kernel sees the parameter
    /// after a restart, which ``Reboot/WhenRequired`` does. For a Raspberry Pi there is
    /// ``RaspberryPi/KernelParameter``.
    public struct KernelParameter: FileBacked {
        public typealias Target = DebianLike

        public let key: String
        /// Nil for a parameter without a value, such as `quiet`.
        public let value: String?
        public let isOneOfSeveral: Bool

        /// - Parameters:
        ///   - key: `mitigations`, `quiet`.
        ///   - value: without spaces and quotes; nil, the default, for a parameter without a value.
        ///   - isOneOfSeveral: whether it may be declared with other values too, as `console`; no by default.
        public init(_ key: String, _ value: String? = nil, isOneOfSeveral: Bool = false) {
            self.key = key
            self.value = value
            self.isOneOfSeveral = isOneOfSeveral
        }

        private var text: String { key + (value.map { "=" + $0 } ?? "") }
        public var name: String { "kernel parameter \(text.escaped)" }
        public var createsDirectory: Bool { true }

        public var file: File {
            let id = (isOneOfSeveral ? text : key).replacing("/", with: "-")
            return File(
                FilePath("/etc/default/grub.d/propel-\(id).cfg"), "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX \(text)\"\n"
            )
        }

        public func declaration(at place: SourcePlace) -> Declaration {
            var declaration = declaration(at: place, requiring: [])
            declaration.actions = [Update()]
            return declaration
        }

        /// - Throws: ``Undetermined`` if GRUB is not installed.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard try machine.files.status(of: "/etc/default/grub") != nil else {
                throw Undetermined(until: "GRUB is installed")
            }
            guard case .unmet(let change) = try await file.check(on: machine, createsDirectory: true) else {
                return .satisfied
            }
            try await machine.expectReboot()
            return .unmet("\(change.reason); effective after a restart", diff: change.diff)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try machine.noteRebootRequired()
            try await file.apply(on: machine, createsDirectory: true)
        }

        public func revert(on machine: Machine) async throws {
            try machine.noteRebootRequired()
            try await file.revert(on: machine, removesDirectory: true)
            try await Update().perform(on: machine)
        }

        /// The file is read by a shell.
        public func validate() throws {
            for word in [key] + [value].compactMap(\.self) {
                guard !word.isEmpty, word.utf8.count <= 100,
                    word.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "._-=,:/@+%*".utf8.contains($0) })
                else {
                    throw Failure(
                        "invalid kernel parameter “\(text.escaped)”",
                        advice: "Use letters, digits and . _ - = , : / @ + % *: a shell reads the file.")
                }
            }
            guard !key.contains("=") else {
                throw Failure(
                    "invalid kernel parameter “\(text.escaped)”", advice: "Give the value as the second argument.")
            }
        }
    }

    /// Makes the menu of GRUB from its settings (update-grub(8)).
    ///
    ///     Setting("/etc/default/grub", "GRUB_TIMEOUT", "2", syntax: .shell).onChange(Grub.Update())
    public struct Update: Action {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "make the menu of GRUB" }
        public func perform(on machine: Machine) async throws { try await machine.run("update-grub") }
    }
}
