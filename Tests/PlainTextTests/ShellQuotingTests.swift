import PlainText
import Testing

@Suite struct ShellQuotingTests {
    @Test(arguments: [
        ("plain", "plain"), ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$(x)", "'$(x)'"), ("~", "'~'"),
        ("a\nb", "'a\nb'"), ("/usr/bin:+=,@", "/usr/bin:+=,@"), ("=ls", "'=ls'"), ("%self", "'%self'"),
        ("'\u{301}; id; '", "''\\''\u{301}; id; '\\'''"), ("'\u{200D}", "''\\''\u{200D}'"),
    ]) func `a shell reads a quoted word back unchanged`(_ word: String, _ quoted: String) {
        #expect(Array(ShellQuoting.quote(word).utf8) == Array(quoted.utf8))
    }

    @Test func `words become one command line`() {
        #expect(ShellQuoting.quote(["echo", "a b", ""]) == "echo 'a b' ''")
    }
}
