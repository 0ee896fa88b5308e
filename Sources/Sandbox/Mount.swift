import Foundation

/// What is mounted in this process's namespace; see proc_pid_mountinfo(5).
struct Mount {
    let point: String
    let type: String
    let superOptions: String

    static var all: [Mount] {
        (readFile("/proc/self/mountinfo") ?? "").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ").map(String.init)
            guard let dash = fields.firstIndex(of: "-"), dash > 5, fields.count > dash + 3 else { return nil }
            return Mount(point: unescaped(fields[4]), type: fields[dash + 1], superOptions: fields[dash + 3])
        }
    }
}

/// Decodes the octal escapes (`\040` for a space) of the kernel's tables in /proc.
func unescaped(_ field: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.first {
        if byte == UInt8(ascii: "\\"), rest.count >= 4,
            let code = UInt8(String(decoding: rest.dropFirst().prefix(3), as: UTF8.self), radix: 8)
        {
            bytes.append(code)
            rest = rest.dropFirst(4)
        } else {
            bytes.append(byte)
            rest = rest.dropFirst()
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
