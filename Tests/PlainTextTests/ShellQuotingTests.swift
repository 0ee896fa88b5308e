import PlainText
import Testing

@Suite struct ShellQuotingTests {
    @Test(arguments: [
        ("plain", "plain"), ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$(x)", "'$(x)'"), ("~", "'~'"),
        ("a\nb", "'a\nb'"), ("/usr/bin:+=,@", "/usr/bin:+=,@"), ("=ls", "'=ls'"), ("%self", "'%self'"),
    ]) func `a shell reads a quoted word back unchanged`(_ word: String, _ quoted: String) {
        #expect(ShellQuoting.quote(word) == quoted)
    }

    @Test func `words become one command line`() {
        #expect(ShellQuoting.quote(["echo", "a b", ""]) == "echo 'a b' ''")
    }
}
