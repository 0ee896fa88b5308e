extension Apache {
    /// Modules of Apache that are enabled, with those that they need, or disabled.
    ///
    ///     Apache.Module("rewrite", "ssl")
    ///     Apache.Module("status", isEnabled: false)
    ///
    /// Apache must accept its configuration afterwards; otherwise the module is as before, and the property has failed.
    /// Then Apache is restarted. A revert leaves modules enabled that others needed.
    public struct Module: ApacheEnabling {
        public typealias Target = DebianLike

        public let modules: [String]
        public let isEnabled: Bool

        /// - Parameters:
        ///   - modules: the names, as in `/etc/apache2/mods-available`: `rewrite`.
        ///   - isEnabled: whether they are enabled; yes by default.
        public init(_ modules: String..., isEnabled: Bool = true) {
            self.modules = modules
            self.isEnabled = isEnabled
        }

        var switches: [ApacheSwitch] { modules.map { ApacheSwitch(kind: .module, id: $0) } }
        var needsRestart: Bool { true }
    }

    /// Sites of Apache that are enabled or disabled. Each is a file in `/etc/apache2/sites-available`.
    ///
    ///     File("/etc/apache2/sites-available/shop.conf", text).onChange(Service.Reload("apache2"))
    ///     Apache.Site("shop")
    ///     Apache.Site("000-default", isEnabled: false)
    ///
    /// Apache must accept its configuration with the site; otherwise the site is as before, and the property has
    /// failed.
    public struct Site: ApacheEnabling {
        public typealias Target = DebianLike

        public let sites: [String]
        public let isEnabled: Bool

        /// - Parameters:
        ///   - sites: the names of the files, without `.conf`.
        ///   - isEnabled: whether they are enabled; yes by default.
        public init(_ sites: String..., isEnabled: Bool = true) {
            self.sites = sites
            self.isEnabled = isEnabled
        }

        var switches: [ApacheSwitch] { sites.map { ApacheSwitch(kind: .site, id: $0) } }
        var needsRestart: Bool { false }
    }

    /// Parts of Apache's configuration that are enabled or disabled. Each is a file in `/etc/apache2/conf-available`.
    ///
    ///     Apache.Configuration("security")
    ///     Apache.Configuration("serve-cgi-bin", isEnabled: false)
    public struct Configuration: ApacheEnabling {
        public typealias Target = DebianLike

        public let parts: [String]
        public let isEnabled: Bool

        /// - Parameters:
        ///   - parts: the names of the files, without `.conf`.
        ///   - isEnabled: whether they are enabled; yes by default.
        public init(_ parts: String..., isEnabled: Bool = true) {
            self.parts = parts
            self.isEnabled = isEnabled
        }

        var switches: [ApacheSwitch] { parts.map { ApacheSwitch(kind: .configuration, id: $0) } }
        var needsRestart: Bool { false }
    }
}
