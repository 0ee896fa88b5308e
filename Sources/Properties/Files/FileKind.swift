extension FileStatus.Kind {
    /// As in “/srv/a is a directory”.
    var words: String {
        switch self {
        case .file: "file"
        case .directory: "directory"
        case .link: "link"
        case .other: "special file"
        }
    }
}
