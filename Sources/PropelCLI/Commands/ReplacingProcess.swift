import Foundation

/// Replaces this process by a program, which is looked up in PATH unless it is a path (execvp(3)).
/// - Parameter words: the program and its arguments.
/// - Returns: why that is not possible.
func replaceProcess(by words: [String]) -> String {
    let pointers: [UnsafeMutablePointer<CChar>?] = words.map { word in strdup(word) } + [nil]
    execvp(words[0], pointers)
    return "cannot start \(words[0]): \(String(cString: strerror(errno)))"
}
