extension KernelModule {
    /// A kernel module that is not loaded, neither now nor at boot (modprobe.d(5), `blacklist`).
    ///
    ///     KernelModule.Absent("pcspkr")
    ///
    /// The kernel does not load it for a device either. One that is in use cannot be unloaded, and one that is a part
    /// of the kernel cannot be left out: both are failures. Where the initramfs loads it, declare `Initramfs.Update()`
    /// on a change of it. In a container nothing is unloaded: the kernel is that of the computer.
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        public let module: String

        /// - Parameter module: the name, with `-` or `_`.
        public init(_ module: String) { self.module = module }

        public var name: String { "no kernel module \(module)" }

        public var body: [Declaration] {
            // First what would load it again.
            File.Absent(ModuleFile(module: module, kind: .load).path)
            ModuleFile(module: module, kind: .blocked)
            Unloaded(module: module)
        }
    }

    /// The module is not in the kernel.
    struct Unloaded: Property {
        typealias Target = DebianLike
        let module: String

        var name: String { "not loaded" }
        var claims: [Claim] { [Claim("the kernel module \(module)", is: "absent")] }
        var problems: [String] { problems { try KernelModule.validate(module, options: []) } }

        /// - Throws: ``Failure`` if it is a part of the kernel.
        func check(on machine: Machine) async throws -> Check {
            try KernelModule.validate(module, options: [])
            guard try !machine.isContainer else { return .satisfied }
            guard try !KernelModule.isBuiltIn(module, on: machine) else {
                throw Failure(
                    "the module \(module) is a part of this kernel",
                    advice: "Another kernel would be needed; some parts have a parameter, see Grub.KernelParameter.")
            }
            return try machine.files.status(of: KernelModule.directory(of: module)) == nil
                ? .satisfied : .unmet("unload it")
        }

        func apply(on machine: Machine) async throws {
            try KernelModule.validate(module, options: [])
            try await machine.run("modprobe", "--remove", "--", module)
        }
    }
}
