extension Failure {
    /// A change of an account that is not in the files of the machine.
    /// - Parameter account: such as “the group media”.
    static func accountElsewhere(_ account: String) -> Failure {
        Failure(
            "\(account) is not in the files of this machine, so it cannot be changed here",
            advice: "It comes from another source of /etc/nsswitch.conf, such as LDAP: change it there.")
    }
}
