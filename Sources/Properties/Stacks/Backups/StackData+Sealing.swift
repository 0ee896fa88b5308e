extension StackData.Present {
    /// Keeps everybody but root out of a directory of the machine until an archive, which has its mode and owner, is
    /// unpacked: its owner could put links in the way of what root writes.
    func seal(on machine: Machine) throws {
        guard let path = volume.directory, let found = try machine.files.status(of: path) else { return }
        try machine.files.setOwner(.root, mode: 0o700, of: path, expecting: found)
    }

    /// Gives a directory the mode and owner back that it had.
    func unseal(on machine: Machine) throws {
        guard let path = volume.directory, let former = status, let found = try machine.files.status(of: path) else {
            return
        }
        try machine.files.setOwner(former.owner, mode: former.mode, of: path, expecting: found)
    }
}
