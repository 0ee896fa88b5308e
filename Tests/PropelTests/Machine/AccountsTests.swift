import Propel
import Testing

@Suite struct AccountsTests {
    @Test func `users and groups are read, and malformed lines skipped`() {
        let accounts = Accounts(
            passwd: "root:x:0:0:root:/root:/bin/bash\nhalf:x:1\nanna:x:1000:100:Anna,,,:/home/anna:\n",
            group: "users:x:100:\nsudo:x:27:anna,ben\nhalf:x\n")
        #expect(accounts.users.map(\.name) == ["root", "anna"])
        #expect(accounts.user("anna")?.comment == "Anna,,," && accounts.user("anna")?.shell == "")
        #expect(accounts.groups.map(\.name) == ["users", "sudo"])
        #expect(accounts.user("anna").map(accounts.groups) == ["users", "sudo"])
    }

    /// To Swift the colon and the mark are one Character.
    @Test func `a comment that begins with a combining mark hides no user`() {
        let accounts = Accounts(passwd: "anna:x:1000:100:\u{301}Anna:/home/anna:/bin/bash\n", group: "")
        #expect(accounts.user("anna")?.home == "/home/anna")
        #expect(accounts.user("anna")?.comment.unicodeScalars.first == "\u{301}")
    }
}
