/// The initial file system, from which the kernel starts (initramfs-tools(7)).
public enum Initramfs {
    /// A kernel module that is in it, and loaded before the root file system is mounted.
    ///
    ///     Initramfs.Module("r8169")
    ///     Initramfs.Module("usbhid", options: ["mousepoll=4"])
    ///
    /// It is a line of `/etc/initramfs-tools/modules`, of which others decide the rest. The initial file systems of all
    /// kernels are made after the run's other changes. For a module that is loaded later there is ``KernelModule``.
    public struct Module: CompositeProperty {
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

        public var name: String { "initramfs module \(module.escaped)" }

        public var body: [Declaration] {
            ModuleLine(module: module, options: options).onChange(Update())
        }

        /// The opposite: the line goes, and the initial file systems are made again.
        public func reverted() -> PropertyGroup<DebianLike> {
            PropertyGroup("no \(name)") {
                ModuleLine(module: module, options: options).reverted().onChange(Update())
            }
        }
    }

    /// Makes the initial file systems of all kernels again (update-initramfs(8)).
    ///
    ///     File("/etc/initramfs-tools/conf.d/resume", "RESUME=none\n").onChange(Initramfs.Update())
    public struct Update: Action {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "make the initramfs" }

        public func perform(on machine: Machine) async throws {
            try await machine.succeed(Invocation("update-initramfs", ["-u", "-k", "all"], timeout: .hours(1)))
        }
    }

    /// The line of a module.
    struct ModuleLine: Revertible {
        typealias Target = DebianLike

        let module: String
        let options: [String]

        private var line: Line {
            Line("/etc/initramfs-tools/modules", ([module] + options).joined(separator: " "))
        }

        var name: String { "line" }
        var claims: [Claim] { line.claims }
        var problems: [String] { problems(in: validate) }

        func check(on machine: Machine) async throws -> Check {
            try validate()
            guard try machine.files.status(of: line.path) != nil else {
                throw Undetermined(until: "initramfs-tools is installed")
            }
            return try await line.check(on: machine)
        }

        func apply(on machine: Machine) async throws { try await line.apply(on: machine) }
        func checkReverted(on machine: Machine) async throws -> Check { try await line.checkReverted(on: machine) }
        func revert(on machine: Machine) async throws { try await line.revert(on: machine) }

        private func validate() throws { try KernelModule.validate(module, options: options) }
    }
}
