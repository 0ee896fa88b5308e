extension Nginx.Site {
    /// The problems of the declaration.
    var problems: [String] {
        var problems = backendProblem.map { [$0] } ?? []
        problems += problemsOfNames + problemsOfLocations + options.problems + problemsOfTLS
        if bodyLimit.bytes < 1 {
            problems.append("invalid limit of request bodies \(bodyLimit): to nginx, 0 means no limit")
        }
        if !NginxText.isPrintable(directives, hasLines: true) {
            problems.append("its directives have a control character in them")
        }
        return nameProblems + problems.map { "the site \(siteName.escaped): \($0)" }
    }

    /// The problems of the name.
    var nameProblems: [String] {
        if Stack.isName(siteName) { return [] }
        return [
            "invalid site name “\(siteName.escaped)”: begin with a lowercase letter or a digit, then use "
                + "lowercase letters, digits, - and _"
        ]
    }

    private var problemsOfNames: [String] {
        var problems = names.isEmpty ? ["it has no host name"] : []
        for name in allNames where !HostNames.isValid(name) {
            problems.append(
                "invalid host name “\(name.escaped)”: write one such as shop.example.com or *.example.com, in "
                    + "lowercase"
            )
        }
        if Set(allNames).count != allNames.count { problems.append("it has a host name twice") }
        if !options.redirectedNames.isEmpty, names.first?.hasPrefix("*") == true {
            problems.append("its first name is that of many hosts, so other names cannot be redirected to it")
        }
        return problems
    }

    private var problemsOfLocations: [String] {
        var problems = locations.flatMap(\.problems), seen: Set<String> = []
        for location in locations where !seen.insert(location.match.identity).inserted {
            problems.append("it has the location \(location.match.text.escaped) twice")
        }
        if let root, !root.isAbsolute || !NginxText.isPrintable(root.string) {
            problems.append("invalid root “\(root.string.escaped)”: write an absolute path")
        }
        if !index.allSatisfy({ !$0.isEmpty && NginxText.isPrintable($0) }) {
            problems.append("the name of an index is empty or has a control character in it")
        }
        for location in locations {
            switch location.handler {
            case .php where root == nil:
                problems.append("the location \(location.match.text.escaped) runs PHP, and the site has no root")
            case .alias:
                if case .exact = location.match { continue }
                // `/files` would make `/files-of-others` a path beside the directory.
                if location.match.path?.hasSuffix("/") != true {
                    problems.append(
                        "the location \(location.match.text.escaped) has an alias: end its prefix with a /")
                }
            default: continue
            }
        }
        return problems
    }

    private var problemsOfTLS: [String] {
        var problems: [String] = []
        if let acme {
            switch acme.challenge {
            case .standalone:
                problems.append("nginx has port 80, which the challenge .standalone needs: use .webroot()")
            case .webroot where options.httpPort != 80:
                problems.append("its port for plain HTTP is not 80, on which the authority asks")
            case .webroot, .dns, .lego: break
            }
            if names.contains("_") { problems.append("no authority issues a certificate for the name _") }
        }
        guard case .files(let certificate, let key) = tls else { return problems }
        for path in [certificate, key] where !path.isAbsolute || !HostNames.isPlain(path: path.string) {
            problems.append(
                "invalid path of a certificate or key “\(path.string.escaped)”: write an absolute path without spaces")
        }
        let own = NginxPaths.certificate(siteName)
        if [certificate, key].contains(where: { $0.lexicallyNormalized() == own }) {
            problems.append(
                "“\(own.string.escaped)” is the path of certificates that Propel manages: keep yours elsewhere")
        }
        return problems
    }
}
