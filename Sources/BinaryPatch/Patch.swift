/// The difference between two versions of a file, from which the newer one is made where the older one, the *base*, is.
///
/// It is meant for programs: a small edit moves most of the code, so that addresses change everywhere, by the same
/// few numbers. So a patch says which parts of the base the new file resembles, and how their bytes differ, as bsdiff
/// does (Colin Percival, “Naive differences of executable code”, 2003). It is not compressed, and meant to be.
///
/// The format: ``signature``, the size of the base, the size of the new file; then *parts* until the new file is
/// complete. A part is its place in the base, the number of bytes that resemble those there, and the number of new
/// bytes that follow; then *runs* until the first are complete: how many bytes are equal, how many differ, and for each
/// of those the difference modulo 256; then the new bytes. All numbers are unsigned LEB128.
public enum Patch {
    /// The bytes with which a patch begins: its format has a version.
    static let signature = Array("PROPELP1".utf8)
    /// The size limit of either file, in bytes.
    static let sizeLimit = 1 << 30

    /// A patch that cannot be applied.
    public struct Invalid: Error, CustomStringConvertible, Equatable {
        public let description: String
    }
}
