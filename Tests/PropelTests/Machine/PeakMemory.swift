import Foundation

/// The peak memory of this process.
enum PeakMemory {
    /// In MiB (proc(5), `VmHWM`).
    static var megabytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (Int(line.filter(\.isNumber)) ?? .max / 2048) / 1024
    }
}
