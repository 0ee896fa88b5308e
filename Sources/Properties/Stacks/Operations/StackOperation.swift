/// An operation on the stacks of a host, or a question about them.
public enum StackOperation: Sendable, Hashable {
    /// Takes a backup of this name.
    case backUp(id: String)
    /// Restores the newest backup into volumes and containers that are thrown away.
    case testNewestBackup(request: String)
    /// Replaces the data by those of a backup.
    case restore(backup: String, isReplacing: Bool, request: String)
    /// Makes a copy of the data ready to go to another host.
    case prepareCopy(DataCopy)
    /// Sends a copy that is ready.
    case sendCopy(DataCopy)
    /// Receives a copy as a backup of the receiving host.
    case receiveCopy(DataCopy)
    /// Fetches backups from the repositories that they are copied to.
    case fetchBackups(request: String)
    /// Pulls newer images of the same names; the next deployment takes them.
    case pullImages(request: String)
    /// Asks for the backups; answered with ``BackupSummary`` values.
    case listBackups
    /// Asks where the data come from; answered with a ``DataOriginAnswer``.
    case dataOrigin
    /// Asks for the format of the data; answered with a ``DataFormatAnswer``.
    case dataFormat

    /// A copy of a stack's data on its way from one host to another.
    public struct DataCopy: Sendable, Hashable {
        /// The name of the copy: letters, digits, `-` and `_`.
        public var id: String
        /// The name in hosts.conf of the host that the data belong to.
        public var origin: String
        /// The name in hosts.conf of the host that gets them.
        public var target: String

        /// - Parameters:
        ///   - id: the name of the copy.
        ///   - origin: the host that the data belong to.
        ///   - target: the host that gets them.
        public init(id: String, from origin: String, to target: String) {
            self.id = id
            self.origin = origin
            self.target = target
        }
    }
}

extension StackOperation {
    /// The name of each operation in a request. Controllers and enforcers of other versions know these.
    enum Name: String, CaseIterable {
        case backUp = "back up"
        case testNewestBackup = "test the newest backup"
        case restore
        case prepareCopy = "prepare a copy"
        case sendCopy = "send a copy"
        case receiveCopy = "receive a copy"
        case fetchBackups = "fetch backups"
        case pullImages = "pull images"
        case listBackups = "list backups"
        case dataOrigin = "whose data"
        case dataFormat = "format of the data"
    }

    /// The key of the argument that names the stack; without it an operation is for all stacks of the host.
    static let stackKey = "stack"

    /// Encodes the operation for a request.
    /// - Parameter stack: the name of the only stack that it is for; nil for all stacks of the host.
    public func hostOperation(onStack stack: String? = nil) -> HostOperation {
        var arguments = arguments
        if let stack { arguments[Self.stackKey] = stack }
        return HostOperation(name.rawValue, arguments: arguments)
    }

    var name: Name {
        switch self {
        case .backUp: .backUp
        case .testNewestBackup: .testNewestBackup
        case .restore: .restore
        case .prepareCopy: .prepareCopy
        case .sendCopy: .sendCopy
        case .receiveCopy: .receiveCopy
        case .fetchBackups: .fetchBackups
        case .pullImages: .pullImages
        case .listBackups: .listBackups
        case .dataOrigin: .dataOrigin
        case .dataFormat: .dataFormat
        }
    }

    private var arguments: [String: String] {
        switch self {
        case .backUp(let id): ["id": id]
        case .testNewestBackup(let request), .fetchBackups(let request), .pullImages(let request):
            ["request": request]
        case .restore(let backup, let isReplacing, let request):
            ["backup": backup, "replace": isReplacing ? "yes" : "no", "request": request]
        case .prepareCopy(let copy), .sendCopy(let copy), .receiveCopy(let copy):
            ["id": copy.id, "origin": copy.origin, "target": copy.target]
        case .listBackups, .dataOrigin, .dataFormat: [:]
        }
    }

    /// Decodes the operation of a request. Arguments that it does not need are ignored.
    /// - Throws: ``Failure`` if its name is unknown, or an argument is missing or invalid.
    public init(_ operation: HostOperation) throws(Failure) {
        guard let name = Name(rawValue: operation.name) else {
            throw Failure("unknown operation “\(operation.name.escaped)”")
        }
        switch name {
        case .backUp: self = .backUp(id: try operation.argument("id"))
        case .testNewestBackup: self = .testNewestBackup(request: try operation.argument("request"))
        case .restore:
            self = .restore(
                backup: try operation.argument("backup"), isReplacing: try operation.boolArgument("replace"),
                request: try operation.argument("request"))
        case .prepareCopy: self = .prepareCopy(try DataCopy(operation))
        case .sendCopy: self = .sendCopy(try DataCopy(operation))
        case .receiveCopy: self = .receiveCopy(try DataCopy(operation))
        case .fetchBackups: self = .fetchBackups(request: try operation.argument("request"))
        case .pullImages: self = .pullImages(request: try operation.argument("request"))
        case .listBackups: self = .listBackups
        case .dataOrigin: self = .dataOrigin
        case .dataFormat: self = .dataFormat
        }
    }
}

extension StackOperation.DataCopy {
    fileprivate init(_ operation: HostOperation) throws(Failure) {
        self.init(
            id: try operation.argument("id"), from: try operation.argument("origin"),
            to: try operation.argument("target"))
    }
}

extension HostOperation {
    fileprivate func argument(_ key: String) throws(Failure) -> String {
        guard let value = arguments[key] else {
            throw Failure("the operation “\(name)” lacks its argument “\(key)”")
        }
        return value
    }

    fileprivate func boolArgument(_ key: String) throws(Failure) -> Bool {
        switch try argument(key) {
        case "yes": return true
        case "no": return false
        case let other:
            throw Failure(
                "invalid argument “\(key)” of the operation “\(name)”: “\(other.escaped)” is neither “yes” nor “no”")
        }
    }
}
