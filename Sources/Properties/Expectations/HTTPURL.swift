/// A URL of a web server.
struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    let text: String
    let isEncrypted: Bool
    /// The name or the numeric address, without brackets.
    let host: String
    let port: UInt16
    /// The path with the query; `/` if the URL has none.
    let path: String

    var description: String { text }

    /// The host as a URL has it: an IPv6 address is in brackets.
    var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

    /// - Throws: ``Failure`` if it is not `http://…` or `https://…`, or has a password.
    init(_ text: String) throws(Failure) {
        func invalid(_ advice: String) -> Failure { Failure("invalid URL “\(text.escaped)”", advice: advice) }
        guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), !text.contains("\"") else {
            throw invalid("Encode spaces and other characters, as in %20.")
        }
        let scheme = ["http://", "https://"].first { text.hasPrefix($0) }
        guard let scheme else { throw invalid("Begin it with http:// or https://.") }
        let rest = text.dropFirst(scheme.count).before("#")
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else {
            throw invalid("A password in it could be read by everybody. Use .command(…) with a file.")
        }
        let query = rest.dropFirst(authority.count)
        isEncrypted = scheme == "https://"
        var digits: Substring?
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            let behind = authority[authority.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":"), IPAddress.isValid(host) else {
                throw invalid("Between brackets there is an IPv6 address.")
            }
            digits = behind.isEmpty ? nil : behind.dropFirst()
        } else {
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            host = String(parts.first ?? "")
            digits = parts.count > 1 ? parts[1] : nil
            let isName = host.utf8.allSatisfy { $0.isASCIILetterOrDigit || ".-_".utf8.contains($0) }
            guard parts.count <= 2, isName, !host.isEmpty, !host.hasPrefix("-") else {
                throw invalid("After the slashes there is the name of a host.")
            }
        }
        let port = digits.map { UInt16($0) ?? 0 } ?? (isEncrypted ? 443 : 80)
        guard port > 0 else { throw invalid("A port is a number from 1 to 65535.") }
        self.port = port
        path = query.hasPrefix("/") ? String(query) : "/" + query
        self.text = String(text.before("#"))
    }

    /// A request for it, after whose answer the server closes the connection (RFC 9112).
    var request: [UInt8] {
        let isUsual = port == (isEncrypted ? 443 : 80)
        let lines = [
            "GET \(path) HTTP/1.1", "Host: \(bracketedHost)\(isUsual ? "" : ":\(port)")", "User-Agent: propel",
            "Accept: */*", "Connection: close", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }
}
