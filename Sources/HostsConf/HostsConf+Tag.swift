import TOML

extension HostsConf {
    /// The tag that a text gives a host, whatever else may be wrong with it; nil if it gives none or is not TOML.
    public static func tag(of host: String, in text: String) -> String? {
        guard let document = try? Document(parsing: text),
            case .string(let tag)? = document.table(at: [host])["tag"]?.content
        else { return nil }
        return tag
    }
}
