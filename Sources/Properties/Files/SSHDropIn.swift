/// A file of `/etc/ssh/sshd_config.d`. sshd uses the first value that it reads of a keyword, in the order of the names
/// of the files (sshd_config(5)), so one that sorts earlier outranks it: cloud-init writes `50-cloud-init.conf`.
struct SSHDropIn {
    static let directory: FilePath = "/etc/ssh/sshd_config.d"

    let path: FilePath
    let text: String

    /// Keywords that may be given several times: each counts.
    private static let accumulating: Set<String> = [
        "acceptenv", "allowgroups", "allowusers", "denygroups", "denyusers", "hostkey", "listenaddress", "port",
        "setenv", "subsystem",
    ]

    /// Notes the settings that have no effect, since an earlier file has another value.
    func noteOutranked(on machine: Machine) throws {
        guard let name = path.lastComponent?.string else { return }
        let own = Self.settings(in: text)
        for other in try machine.files.list(Self.directory) where other.hasSuffix(".conf") && other < name {
            guard let bytes = try machine.files.readIfPresent(Self.directory.appending(other)) else { continue }
            let settings = Self.settings(in: String(decoding: bytes, as: UTF8.self))
            for (keyword, setting) in own.sorted(by: { $0.key < $1.key }) {
                guard let first = settings[keyword], first.value != setting.value else { continue }
                machine.noteFollowUp(
                    "rename \(path) or change \(Self.directory.appending(other)), which sshd reads first: "
                        + "“\(first.line.escaped)” outranks “\(setting.line.escaped)”")
            }
        }
    }

    /// The settings for all connections, by keyword in lowercase; the first of each counts.
    private static func settings(in text: String) -> [String: (value: String, line: String)] {
        var settings: [String: (String, String)] = [:]
        for line in text.lines {
            let line = String(line).trimmed
            let words = line.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" || $0 == "=" })
            guard words.count == 2, !line.hasPrefix("#") else { continue }
            let keyword = words[0].lowercased()
            if keyword == "match" { break }
            guard !accumulating.contains(keyword), settings[keyword] == nil else { continue }
            settings[keyword] = (String(words[1]).trimmed, line)
        }
        return settings
    }
}
