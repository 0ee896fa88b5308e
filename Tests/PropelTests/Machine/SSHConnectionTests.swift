import Testing

@testable import Propel

@Suite struct SSHConnectionTests {
    @Test func `the variable of sshd is read`() {
        #expect(
            SSHConnection("203.0.113.5 51234 192.0.2.1 22")
                == SSHConnection(client: "203.0.113.5", server: "192.0.2.1", port: 22))
        #expect(SSHConnection("fe80::1%eth0 51234 fe80::2%eth0 2222")?.client == "fe80::1")
    }

    @Test func `the user is the one whose environment has it`() {
        let environment = "A=1\0MY_SSH_CONNECTION=x\0USER=anna\0SSH_CONNECTION=203.0.113.5 1 192.0.2.1 22\0"
        #expect(
            SSHConnection(environment: Array(environment.utf8))
                == SSHConnection(client: "203.0.113.5", server: "192.0.2.1", port: 22, user: "anna"))
        #expect(SSHConnection(environment: Array("USER=anna\0MY_SSH_CONNECTION=1 2 3 4\0".utf8)) == nil)
    }

    @Test(arguments: ["", "203.0.113.5", "a b c d", "203.0.113.5 1 192.0.2.1 70000", "1 2 3 4 5"])
    func `something else is no connection`(_ text: String) { #expect(SSHConnection(text) == nil) }
}
