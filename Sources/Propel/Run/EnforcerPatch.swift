import BinaryPatch

/// Makes another enforcer from this one, which the machine has, and a patch, so that a changed configuration need not
/// be sent as a whole. The caller compares the hash of the result.
struct EnforcerPatch {
    /// The only argument of the enforcer.
    static let argument = "patch"

    /// The file of this program, also if it has been removed since.
    var base: FilePath = "/proc/self/exe"
    var input: FileDescriptor = .standardInput
    var output: FileDescriptor = .standardOutput

    /// Reads the patch from the input, and writes the new program to the output.
    /// - Throws: `Patch.Invalid`, or an error of the files.
    func apply() throws {
        let file = try FileDescriptor.open(own: base, .readOnly, options: .closeOnExec)
        defer { try? file.close() }
        try Patch.apply(
            toBaseOf: Int(try file.seek(offset: 0, from: .end)),
            read: { offset, count in try file.bytes(from: Int64(offset), count: count) },
            next: { [input] in try input.part(upTo: 64 << 10) },
            write: { try output.writeAll($0) })
    }
}
