/// A file of `/etc/ssh/sshd_config.d`. sshd uses the first value that it reads of a keyword, in the order of the names
/// of the files (sshd_config(5)), so one that sorts earlier outranks it: cloud-init writes `50-cloud-init.conf`.
struct SSHDropIn {
    static let directory: FilePath = "/etc/ssh/sshd_config.d"

    let path: FilePath
    let text: String

    /// Notes the settings that have no effect, since an earlier file has another value.
    func noteOutranked(on machine: Machine) throws {
        guard let name = path.lastComponent?.string else { return }
        let own = Self.settings(in: text, of: path)
        for other in try machine.files.list(Self.directory) where other.hasSuffix(".conf") && other < name {
            let file = Self.directory.appending(other)
            guard let bytes = try machine.files.readIfPresent(file) else { continue }
            let settings = Self.settings(in: String(decoding: bytes, as: UTF8.self), of: file)
            for (keyword, setting) in own.sorted(by: { $0.key < $1.key }) {
                guard let first = settings[keyword], first.value != setting.value else { continue }
                machine.noteFollowUp(
                    "rename \(path) or change \(file), which sshd reads first: "
                        + "“\(first.line.escaped)” outranks “\(setting.line.escaped)”")
            }
        }
    }

    /// The settings for all connections that have one value, by keyword; the first of each counts.
    private static func settings(in text: String, of file: FilePath) -> [String: SshdConfiguration.Entry] {
        let entries = SshdConfiguration.entries(in: text.lines, of: file)
            .filter { !SshdConfiguration.accumulating.contains($0.keyword) }
        return Dictionary(entries.map { ($0.keyword, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
