/// Invocations of apt and dpkg. They ask no questions, and are made here and nowhere else.
enum DpkgCommand {
    /// `APT::Get::AutomaticRemove` in the configuration of a machine would remove what nobody has declared absent, and
    /// with `--no-remove` it is an error.
    private static let keepingOthers = ["-o", "APT::Get::AutomaticRemove=false"]
    /// Files that somebody has edited stay; those that nobody has touched follow the package.
    private static let keepingConfiguration = ["--force-confdef", "--force-confold"]

    /// Installs packages.
    /// - Parameters:
    ///   - packages: names; with a `-` at the end of a name the package is removed.
    ///   - recommends: whether packages that they recommend are installed too.
    ///   - allowsDowngrades: whether a package may get an earlier version than it has; no by default.
    ///   - reinstalls: whether packages are installed again that are there in this version; no by default.
    static func install(
        _ packages: [String], recommends: Bool = true, allowsDowngrades: Bool = false, reinstalls: Bool = false
    ) -> Invocation {
        let options =
            keepingOthers + (allowsDowngrades ? ["--allow-downgrades"] : []) + (reinstalls ? ["--reinstall"] : [])
        return get(options + ["install"], packages, recommends: recommends)
    }

    /// Removes packages and their configuration files.
    static func purge(_ packages: [String]) -> Invocation { get(keepingOthers + ["purge"], packages) }

    /// Upgrades all packages. It installs new ones that an upgrade needs, and removes none.
    static func upgrade() -> Invocation { get(["upgrade", "--with-new-pkgs"], []) }

    /// Upgrades all packages, and removes those that are in the way of an upgrade.
    static func fullUpgrade() -> Invocation { get(["dist-upgrade"], []) }

    /// Removes the packages that were installed for others and that no other needs.
    /// - Parameter purge: whether their configuration files are removed too.
    static func autoremove(purge: Bool) -> Invocation { get(["autoremove"] + (purge ? ["--purge"] : []), []) }

    /// Marks packages as `hold`, `unhold`, `manual` (apt-mark(8)).
    static func mark(_ mark: String, _ packages: [String]) -> Invocation {
        Invocation("apt-mark", [mark, "--"] + packages)
    }

    /// Removes the packages that were downloaded.
    static let clean = Invocation("apt-get", ["--quiet", "clean"])

    /// Lets packages put a file elsewhere, and moves the one that is there (dpkg-divert(1)).
    static func divert(_ path: FilePath, to destination: FilePath) -> Invocation {
        Invocation(
            "dpkg-divert", ["--local", "--rename", "--divert", destination.string, "--add", path.string])
    }

    /// Lets packages put a file where they say, and moves the one that is elsewhere back.
    static func endDiversion(of path: FilePath) -> Invocation {
        Invocation("dpkg-divert", ["--local", "--rename", "--remove", path.string])
    }

    /// Prints the name and the version of a package in a file.
    static func fields(of file: FilePath) -> Invocation {
        Invocation("dpkg-deb", ["--field", file.string, "Package", "Version"])
    }

    /// Adds or removes a foreign architecture.
    static func architecture(_ name: String, isAdded: Bool) -> Invocation {
        Invocation("dpkg", [isAdded ? "--add-architecture" : "--remove-architecture", name])
    }

    /// Lets a package that is installed configure itself again, with the answers that debconf has.
    static func reconfigure(_ package: String) -> Invocation {
        Invocation("dpkg-reconfigure", ["--frontend=noninteractive", "--", package], timeout: .hours(1))
    }

    /// Gives answers to the questions of packages, which are on standard input: secrets may be among them.
    static func answer(_ lines: [UInt8]) -> Invocation { Invocation("debconf-set-selections", [], input: lines) }

    /// Fetches the lists of available packages.
    static let update = Invocation(
        "apt-get", ["--quiet", "-o", "Acquire::Retries=3", "update"], timeout: .minutes(30))

    /// Configures what an interrupted run of dpkg left unconfigured.
    static let configurePending = Invocation(
        "dpkg", keepingConfiguration + ["--configure", "-a"], timeout: .hours(2))

    /// Prints the installed version and the candidate of each package.
    static func policy(_ packages: [String]) -> Invocation { Invocation("apt-cache", ["policy", "--"] + packages) }

    /// Prints all that apt knows of a package, and which others provide it.
    static func show(_ package: String) -> Invocation { Invocation("apt-cache", ["showpkg", "--", package]) }

    private static func get(_ verb: [String], _ packages: [String], recommends: Bool = true) -> Invocation {
        let options =
            ["DPkg::Lock::Timeout=\(Int(AptLock.timeout.inSeconds))"]
            + keepingConfiguration.map { "Dpkg::Options::=\($0)" } + ["Dpkg::Use-Pty=0", AptProgress.option]
        // After `--`, so that no name is taken for an option.
        var command = Invocation(
            "apt-get",
            ["--yes", "--quiet"] + options.flatMap { ["-o", $0] } + (recommends ? [] : ["--no-install-recommends"])
                + verb + (packages.isEmpty ? [] : ["--"] + packages),
            timeout: .hours(2))
        command.hasStatusDescriptor = true
        return command
    }
}
