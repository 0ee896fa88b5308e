/// A Debian release that a sandbox can run, by its codename.
public enum DebianRelease: String, Sendable, CaseIterable {
    case bookworm
    case trixie
}
