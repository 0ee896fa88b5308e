extension HostsConf {
    /// The tag that a file gives a host, whatever else may be wrong with it; nil where it gives none, or is no TOML.
    public static func tag(of host: String, in text: String) -> String? {
        guard case .table(let entry)? = try? Document(parsing: text, file: "hosts.conf").root[host],
            case .string(let tag)? = entry["tag"]
        else { return nil }
        return tag
    }
}
