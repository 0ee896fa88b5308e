/// nginx on the host, from the packages of the distribution, and its sites. See docs/nginx.md.
public enum Nginx {
    /// nginx: installed, running and enabled. Every ``Site`` includes it.
    ///
    ///     Nginx.Engine(isDefaultSiteEnabled: false)
    ///
    /// It claims the ports 80 and 443.
    ///
    /// ``Apt/Absent`` removes it; its sites stay.
    public struct Engine: CompositeProperty {
        public typealias Target = DebianLike

        /// Whether the default site of Debian's package may answer for other names.
        public let isDefaultSiteEnabled: Bool

        /// - Parameter isDefaultSiteEnabled: whether the default site of Debian's package (“Welcome to nginx!”) stays
        ///   as it is; yes by default. Without it the first site, by name, answers for names that no site has.
        public init(isDefaultSiteEnabled: Bool = true) { self.isDefaultSiteEnabled = isDefaultSiteEnabled }

        public var name: String { "nginx" }

        public var body: [Declaration] {
            let package = Apt.Installed("nginx")
            package
            Service("nginx", ports: [80, 443]).requires(package)
            if !isDefaultSiteEnabled { DefaultSite.Absent().requires(package).onChange(Reload()) }
        }
    }

    /// The default site of the package.
    public enum DefaultSite {
        /// A disabled default site: there is no `/etc/nginx/sites-enabled/default`. Its text stays.
        public struct Absent: Revertible {
            public typealias Target = DebianLike

            public init() {}

            private var path: FilePath { NginxPaths.enabled("default") }

            public var name: String { "nginx: no default site" }
            public var claims: [Claim] { [.path(path, is: "absent", summary: "absent")] }

            public func check(on machine: Machine) async throws -> Check {
                guard try machine.files.status(of: NginxPaths.configuration) != nil else {
                    return .unknown(until: "nginx is installed")
                }
                return try machine.files.status(of: path) == nil ? .satisfied : .unmet("it is enabled")
            }

            public func apply(on machine: Machine) async throws {
                try machine.originals.keep(path)
                try machine.formerSites.keep(path)
                try machine.files.remove(path)
            }

            public func checkReverted(on machine: Machine) async throws -> Check {
                try machine.originals.has(path) ? .unmet("restore the original") : .satisfied
            }

            public func revert(on machine: Machine) async throws {
                try machine.formerSites.keep(path)
                try machine.originals.restore(path)
            }
        }
    }
}

/// The paths of Debian's nginx.
enum NginxPaths {
    static let configuration: FilePath = "/etc/nginx/nginx.conf"
    static let enabledSites: FilePath = "/etc/nginx/sites-enabled"

    /// The text of a site.
    static func available(_ site: String) -> FilePath { FilePath("/etc/nginx/sites-available").appending(site) }
    /// The link that enables a site.
    static func enabled(_ site: String) -> FilePath { enabledSites.appending(site) }
    /// The servers that a container of a stack may be, in their present order.
    static func servers(of container: String, in stack: String) -> FilePath {
        FilePath("/etc/nginx/propel").appending("\(stack).\(container)")
    }
    /// Certificate and key of a site, in one file so that they change together.
    static func certificate(_ site: String) -> FilePath { FilePath("/etc/ssl/private").appending("nginx-\(site).pem") }
}
