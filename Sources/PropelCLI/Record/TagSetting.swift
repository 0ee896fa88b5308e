import ArgumentParser
import HostsConf
import Propel

/// A tag as the command line names it: `v2` for the host, `shop=v2` for one of its stacks.
struct TagSetting: Equatable, Sendable {
    /// The stack; nil for the host.
    var stack: String?
    var tag: String

    init(_ tag: String, ofStack stack: String? = nil) {
        self.stack = stack
        self.tag = tag
    }

    /// The present tag of the same host or stack; nil if it has none.
    func present(in entry: HostEntry) -> String? { stack.map { entry.tags[$0] } ?? entry.tag }

    /// The same in the text of hosts.conf.
    func present(of host: String, in text: String) -> String? {
        if let stack { HostsConf.stackTags(of: host, in: text)[stack] } else { HostsConf.tag(of: host, in: text) }
    }

    /// The text of hosts.conf with another tag of this host or stack; nil removes it.
    func setting(_ tag: String?, of host: String, in text: String) throws -> String {
        if let stack {
            try HostsConf.setting(tagOf: stack, of: host, to: tag, in: text)
        } else {
            try HostsConf.setting("tag", of: host, to: tag, in: text)
        }
    }

    func apply(to entry: inout HostEntry) {
        if let stack { entry.tags[stack] = tag } else { entry.tag = tag }
    }

    /// A tag of this host or stack, as a person reads it.
    func words(_ tag: String?) -> String { (stack.map { "\($0)=" } ?? "") + (tag ?? "no tag") }
}

extension TagSetting: CustomStringConvertible {
    var description: String { words(tag) }
}

extension TagSetting: ExpressibleByArgument {
    /// - Returns: nil if the stack or the tag is empty.
    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains("") else { return nil }
        self.init(parts.last ?? argument, ofStack: parts.count == 2 ? parts[0] : nil)
    }
}
