extension HostValues {
    /// The size in a role's key of `hosts.conf`: `swap = "1 GiB"`; nil if the entry does not have the key.
    /// - Throws: ``Failure`` for any other value; see ``ByteSize/init(parsing:)``.
    public func size(_ key: String) throws -> ByteSize? { try string(key).map(ByteSize.init(parsing:)) }
}
