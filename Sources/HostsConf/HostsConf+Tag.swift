import TOML

extension HostsConf {
    /// The tag of a host in the text of a file that may have other problems; nil if it has none or the text is not
    /// TOML.
    public static func tag(of host: String, in text: String) -> String? {
        guard let document = try? Document(parsing: text),
            case .string(let tag)? = document.table(at: [host])["tag"]?.content
        else { return nil }
        return tag
    }
}
