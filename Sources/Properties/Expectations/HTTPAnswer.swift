/// The answer of a web server (RFC 9112), as far as it has come.
struct HTTPAnswer: Sendable, Equatable {
    var status: Int
    /// The content, with its chunks put together.
    var body: [UInt8]
    /// Whether all of the content is there; unknown, and so false, if only the end of the connection shows it.
    var isComplete: Bool

    /// Returns nil if `bytes` do not begin with a whole header. Answers in between, such as 100, are skipped.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while true {
            guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).nonEmptyLines
            rest = rest[end.upperBound...]
            // “HTTP/1.1 200 OK”
            let words = (lines.first ?? "").split(separator: " ")
            guard words.count > 1, words[0].hasPrefix("HTTP/"), let status = Int(words[1]), words[1].utf8.count == 3
            else { return nil }
            if status < 200, status != 101 { continue }
            self.status = status
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let (name, value) = line.parts(around: ":") else { continue }
                headers[name.lowercased()] = value.lowercased().filter { $0 != " " && $0 != "\t" }
            }
            if headers["transfer-encoding"]?.hasSuffix("chunked") == true {
                (body, isComplete) = Self.joiningChunks(rest)
            } else {
                body = Array(rest)
                isComplete = headers["content-length"].flatMap { Int($0) }.map { rest.count >= $0 } ?? false
            }
            return
        }
    }

    private static func joiningChunks(_ bytes: ArraySlice<UInt8>) -> ([UInt8], Bool) {
        var body: [UInt8] = [], rest = bytes
        while let end = rest.firstRange(of: [0x0D, 0x0A]) {
            // The size may be followed by extensions.
            let digits = String(decoding: rest[..<end.lowerBound], as: UTF8.self).prefix { $0 != ";" && $0 != " " }
            guard let size = Int(digits, radix: 16), size >= 0 else { return (body, false) }
            if size == 0 { return (body, true) }
            let chunk = rest[end.upperBound...].prefix(size)
            body += chunk
            guard chunk.count == size else { break }
            rest = rest[chunk.endIndex...].dropFirst(2)
        }
        return (body, false)
    }
}
