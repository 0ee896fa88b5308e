extension HostEntry {
    /// The size that a free key of `hosts.conf` has, as text: `swap = "1 GiB"`; nil where the entry does not have the key.
    /// - Throws: ``Failure`` where it has something else; see ``ByteSize/init(parsing:)``.
    public func size(_ key: String) throws -> ByteSize? { try string(key).map(ByteSize.init(parsing:)) }
}
