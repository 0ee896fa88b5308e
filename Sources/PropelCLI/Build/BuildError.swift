/// A program that could not be built, or a file that is not the program it should be.
struct BuildError: Error, CustomStringConvertible {
    var description: String
}
