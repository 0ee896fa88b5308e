extension Nginx.Location {
    /// The answer to the requests of a location.
    public enum Handler: Sendable, Hashable {
        /// Another server, over HTTP. It gets the headers that ``Nginx/Site`` names; websockets work.
        case proxy(Nginx.Backend)
        /// The files of a directory.
        /// - Parameters:
        ///   - root: the path of a request is appended to it; that of the site by default.
        ///   - index: the files that answer for a directory; those of the site by default.
        ///   - tryFiles: the files that are looked for, in this order, and at last a status such as `=404`, a path or a
        ///     named location. `$uri`, `$uri/` and `=404` by default.
        ///   - isListed: whether a directory without an index is listed; no by default.
        case files(
            root: FilePath? = nil, index: [String] = [], tryFiles: [String] = ["$uri", "$uri/", "=404"],
            isListed: Bool = false)
        /// The files of a directory that takes the place of the prefix: with `/srv/files/` at `/downloads/`, the path
        /// `/downloads/a` is the file `/srv/files/a`.
        case alias(FilePath, isListed: Bool = false)
        /// PHP, over FastCGI: the script below the root of the site that the path names. PATH_INFO is what follows it.
        /// - Parameter endpoint: of php-fpm; `/run/php/php-fpm.sock` by default, which Debian points to the current
        ///   version.
        case php(Nginx.Endpoint = "/run/php/php-fpm.sock")
        /// A program that speaks FastCGI and decides itself what a path means.
        case fastCGI(Nginx.Endpoint)
        /// A program that speaks uwsgi.
        case uwsgi(Nginx.Endpoint)
        /// A redirect: a path, or a URL. Variables such as `$request_uri` count.
        case redirect(to: String, status: Int = 301)
        /// An answer of nginx itself: a status, with content if it is given. Variables count. 444 closes the
        /// connection.
        case respond(Int, String? = nil, type: String = "text/plain")
        /// Nothing but the directives of the location.
        case directives
    }
}

extension Nginx.Location.Handler {
    /// Whether files of the machine are sent as they are.
    var sendsFiles: Bool {
        switch self {
        case .files, .alias: true
        default: false
        }
    }

    /// The lines for all but a proxy.
    func text(at match: Nginx.Location.Match) -> [String] {
        switch self {
        case .proxy, .directives: return []
        case .files(let root, let index, let tryFiles, let isListed):
            return (root.map { ["root \(NginxText.word($0.string));"] } ?? [])
                + (index.isEmpty ? [] : ["index \(index.map(NginxText.word).joined(separator: " "));"])
                + (tryFiles.isEmpty ? [] : ["try_files \(tryFiles.map(NginxText.word).joined(separator: " "));"])
                + (isListed ? ["autoindex on;"] : [])
        case .alias(let path, let isListed):
            // A FilePath has no / at its end, and the prefix that it takes the place of has one.
            let end = match.path?.hasSuffix("/") == true && path.string != "/" ? "/" : ""
            return ["alias \(NginxText.word(path.string + end));"] + (isListed ? ["autoindex on;"] : [])
        case .php(let endpoint):
            return [
                "fastcgi_split_path_info ^(.+?\\.php)(/.*)$;",
                "# A path is passed on only if the script exists: php-fpm would look for another one.",
                "try_files $fastcgi_script_name =404;",
                "set $propel_path_info $fastcgi_path_info;",
                "include fastcgi_params;",
                "fastcgi_param PATH_INFO $propel_path_info;",
                "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;",
                "fastcgi_index index.php;",
                "fastcgi_pass \(endpoint.text);",
            ]
        case .fastCGI(let endpoint): return ["include fastcgi_params;", "fastcgi_pass \(endpoint.text);"]
        case .uwsgi(let endpoint): return ["include uwsgi_params;", "uwsgi_pass \(endpoint.text);"]
        case .redirect(let destination, let status): return ["return \(status) \(NginxText.word(destination));"]
        case .respond(let status, let content, let type):
            guard let content else { return ["return \(status);"] }
            return ["default_type \(NginxText.word(type));", "return \(status) \(NginxText.quoted(content));"]
        }
    }

    func problems(at match: Nginx.Location.Match) -> [String] {
        switch self {
        case .directives: return []
        case .proxy(let backend):
            if match.path == nil, backend.hasPath {
                return [
                    "the location \(match.text.escaped) passes requests to a URL with a path: only the path of a "
                        + "prefix can be replaced"
                ]
            }
            return backend.problems
        case .files(let root, let index, let tryFiles, _):
            let words = index + tryFiles + (root.map { [$0.string] } ?? [])
            if let root, !root.isAbsolute { return ["invalid root “\(root.string.escaped)”: write an absolute path"] }
            if tryFiles.count == 1 { return ["`try_files` takes a file and what answers if there is none"] }
            return words.allSatisfy { !$0.isEmpty && NginxText.isPrintable($0) }
                ? [] : ["the location \(match.text.escaped) has an empty name, or one with a control character"]
        case .alias(let path, _):
            guard path.isAbsolute, NginxText.isPrintable(path.string) else {
                return ["invalid path of files “\(path.string.escaped)”: write an absolute path"]
            }
            return []
        case .php(let endpoint), .fastCGI(let endpoint), .uwsgi(let endpoint): return endpoint.problems
        case .redirect(let destination, let status):
            guard [301, 302, 303, 307, 308].contains(status) else {
                return ["invalid status \(status) of a redirect: use 301, 302, 303, 307 or 308"]
            }
            let isURL = ["http://", "https://", "/", "$"].contains(where: destination.hasPrefix)
            return isURL && NginxText.isPrintable(destination)
                ? [] : ["invalid destination of a redirect “\(destination.escaped)”: write a path or a URL"]
        case .respond(let status, let content, let type):
            guard (100...599).contains(status) else { return ["invalid status \(status)"] }
            return NginxText.isPrintable(content ?? "", hasLines: true) && NginxText.isPrintable(type)
                ? [] : ["the answer of the location \(match.text.escaped) has a control character in it"]
        }
    }
}
