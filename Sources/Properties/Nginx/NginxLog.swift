extension Nginx {
    /// The log of the requests to a site.
    public enum AccessLog: Sendable, Hashable {
        /// The log of nginx for all sites, `/var/log/nginx/access.log`.
        case common
        /// No log.
        case off
        /// A file, which nginx creates. Debian's logrotate rotates those in `/var/log/nginx` that end in `.log`.
        /// - Parameter format: the name of a format that `log_format` defines; nginx's own by default.
        case file(FilePath, format: String? = nil)
    }

    /// The log of the errors of a site.
    public enum ErrorLog: Sendable, Hashable {
        /// The log of nginx for all sites, `/var/log/nginx/error.log`.
        case common
        /// A file, which nginx creates.
        /// - Parameter level: the least level that is logged: `debug`, `info`, `notice`, `warn`, `error`, `crit`,
        ///   `alert` or `emerg`; `error` by default.
        case file(FilePath, level: String = "error")
    }

    /// A variable whose value depends on another (<https://nginx.org/en/docs/http/ngx_http_map_module.html>).
    ///
    ///     Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080,
    ///                directives: "if ($is_robot) { return 403; }",
    ///                options: .init(maps: [
    ///                    .init("$http_user_agent", to: "$is_robot", ["~*bot": "1"], otherwise: "0"),
    ///                ]))
    public struct Map: Sendable, Hashable {
        public let source: String
        public let variable: String
        public let values: [Entry]
        public let otherwise: String

        /// A value of the source, or a pattern, with the value that it makes.
        public struct Entry: Sendable, Hashable {
            public let pattern: String
            public let value: String
        }

        /// - Parameters:
        ///   - source: what decides, usually a variable such as `$host`.
        ///   - variable: the variable that gets the value, such as `$is_robot`. All sites of nginx share it.
        ///   - values: the value for each value of the source; a pattern begins with `~`, or with `~*` if case does not
        ///     matter. Patterns are tried in this order.
        ///   - otherwise: the value for all others; empty by default.
        public init(
            _ source: String, to variable: String, _ values: KeyValuePairs<String, String>, otherwise: String = ""
        ) {
            self.source = source
            self.variable = variable
            self.values = values.map { Entry(pattern: $0.key, value: $0.value) }
            self.otherwise = otherwise
        }

        var text: String {
            let lines = values.map { "    \(NginxText.quoted($0.pattern)) \(NginxText.quoted($0.value));\n" }
            return "map \(NginxText.quoted(source)) \(variable) {\n    default \(NginxText.quoted(otherwise));\n"
                + lines.joined() + "}\n"
        }

        var problems: [String] {
            let name = variable.dropFirst()
            guard variable.hasPrefix("$"), !name.isEmpty,
                name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") })
            else { return ["invalid variable “\(variable.escaped)” of a map: write one such as $is_robot"] }
            let words = [source, otherwise] + values.flatMap { [$0.pattern, $0.value] }
            return words.allSatisfy { NginxText.isPrintable($0) }
                ? [] : ["the map of \(variable) has a control character in it"]
        }
    }
}

extension Nginx.AccessLog {
    var text: [String] {
        switch self {
        case .common: []
        case .off: ["access_log off;"]
        case .file(let path, let format):
            ["access_log \(NginxText.word(path.string))\(format.map { " \(NginxText.word($0))" } ?? "");"]
        }
    }

    var problems: [String] {
        guard case .file(let path, let format) = self else { return [] }
        return Nginx.problems(ofLog: path)
            + (format.map { $0.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_".utf8.contains($0) } } == false
                ? ["invalid name of a log format “\((format ?? "").escaped)”"] : [])
    }
}

extension Nginx.ErrorLog {
    var text: [String] {
        guard case .file(let path, let level) = self else { return [] }
        return ["error_log \(NginxText.word(path.string)) \(level);"]
    }

    var problems: [String] {
        guard case .file(let path, let level) = self else { return [] }
        let levels = ["debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"]
        return Nginx.problems(ofLog: path)
            + (levels.contains(level)
                ? [] : ["invalid level of a log “\(level.escaped)”: use one of \(levels.joined(separator: ", "))"])
    }
}

extension Nginx {
    fileprivate static func problems(ofLog path: FilePath) -> [String] {
        path.isAbsolute && NginxText.isPrintable(path.string)
            ? [] : ["invalid path of a log “\(path.string.escaped)”: write an absolute path"]
    }
}
