extension Container {
    /// The host name that the programs of a container see, in place of the beginning of its ID. Other containers reach
    /// it by the name of the container, or by ``Aliases``.
    ///
    ///     Container.Hostname("cloud.example.com")
    public struct Hostname: ContainerPart, Hashable {
        public let name: String

        /// - Parameter name: labels of letters, digits and `-`, with dots between them.
        public init(_ name: String) { self.name = name }

        public func add(to container: inout Container) {
            container.add("hostname", .text(name), of: "Container.Hostname")
            if !HostnameLabels.isValid(name) {
                container.addProblem(
                    "invalid host name “\(name.escaped)”: use letters, digits, “-” and “.”", of: "Container.Hostname")
            }
        }
    }

    /// The platform of the image: `linux/amd64`.
    ///
    ///     Container.Platform("linux/amd64")
    ///
    /// The image is pulled for it. A machine of another architecture runs it only with qemu-user-static.
    public struct Platform: ContainerPart, Hashable {
        public let platform: String

        /// - Parameter platform: system, architecture, and a variant if it has one: `linux/arm/v7`.
        public init(_ platform: String) { self.platform = platform }

        public func add(to container: inout Container) {
            container.add("platform", .text(platform), of: "Container.Platform")
            let parts = platform.split(separator: "/", omittingEmptySubsequences: false)
            let isValid =
                (2...3).contains(parts.count)
                && parts.allSatisfy { part in
                    !part.isEmpty && part.utf8.allSatisfy { $0.isASCIILowercase || $0.isASCIIDigit }
                }
            if !isValid {
                container.addProblem(
                    "invalid platform “\(platform.escaped)”: use one such as linux/amd64", of: "Container.Platform")
            }
        }
    }
}

/// The name of a container in docker, in place of `STACK-CONTAINER-1`.
///
/// It is unique on a machine. Nothing in Propel needs it; scripts and dashboards of people do.
public struct ContainerName: ContainerPart, Hashable {
    public let name: String

    /// - Parameter name: letters, digits, `_`, `.` and `-`.
    public init(_ name: String) { self.name = name }

    public func add(to container: inout Container) {
        container.add("container_name", .text(name), of: "ContainerName")
        if !DockerName.isValid(name) || name.utf8.count < 2 {
            container.addProblem(
                "invalid name “\(name.escaped)”: begin with a letter or digit, then use at least one more, or _ . -",
                of: "ContainerName")
        }
    }
}

/// Labels of a container, which other programs read: a proxy, a scheduler, a dashboard.
///
///     Labels([
///         "traefik.enable": "true",
///         "traefik.http.routers.shop.rule": "Host(`shop.example.com`)",
///     ])
///
/// They are visible to everybody who may ask docker. One with a secret is a ``Label``.
public struct Labels: ContainerPart {
    public let labels: KeyValuePairs<String, String>

    /// - Parameter labels: the values by the names of the labels; the order stays. `$` has no meaning in a value.
    public init(_ labels: KeyValuePairs<String, String>) { self.labels = labels }

    public func add(to container: inout Container) {
        for (name, value) in labels {
            container.addProblem(Label.problem(of: name), of: "Labels")
            if container.secretLabels.contains(where: { $0.name == name }) {
                container.addProblem("“\(name.escaped)” is there twice: keep one", of: "Labels")
            }
            if value.utf8.contains(0) { container.addProblem("“\(name.escaped)” has a NUL", of: "Labels") }
        }
        container.add("labels", strings: labels, of: "Labels")
    }
}

/// Host names (RFC 1123).
enum HostnameLabels {
    static func isValid(_ name: String) -> Bool {
        name.utf8.count <= 253
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }
                    && label.utf8.first != UInt8(ascii: "-") && label.utf8.last != UInt8(ascii: "-")
            }
    }
}
