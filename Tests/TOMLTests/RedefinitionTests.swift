import Testing

@Suite struct RedefinitionTests {
    @Test(arguments: [
        Invalid("a = 1\na = 2", at: "2:1", "“a” is already set in line 1"),
        Invalid(#""\u001b[2J" = 1"# + "\n" + #""\u001b[2J" = 2"#, at: "2:1", #"“\u{1B}[2J” is already set"#),
        Invalid("a = 1\n\"a\" = 2", at: "2:1"), Invalid("'a' = 1\na = 2", at: "2:1"),
        Invalid("\"\\u0061\" = 1\na = 2", at: "2:1"), Invalid("[t]\n  a = 1\n  a = 1", at: "3:3"),
        Invalid("a.b = 1\na.b = 2", at: "2:3", "“b” is already set in line 1"),
        Invalid("a = 1\na.b = 2", at: "2:1", "nothing can be added"),
        Invalid("a.b = 1\na = 2", at: "2:1"), Invalid("a.b = 1\na.b.c = 2", at: "2:3"),
        Invalid("a.b.c = 1\na.b = 2", at: "2:3"), Invalid("a = {b = 1}\na.c = 2", at: "2:1"),
        Invalid("a = [1]\na.c = 2", at: "2:1"), Invalid("a = {b = 1, b = 2}", at: "1:13"),
        Invalid("a = {b.c = 1, b = 2}", at: "1:15"), Invalid("a = {b = 1, b.c = 2}", at: "1:13"),
        Invalid("a = {b = {c = 1}, b.d = 2}", at: "1:19"), Invalid("a = [{b = 1, b = 2}]", at: "1:14"),
    ])
    func `a key is set once`(_ invalid: Invalid) { check(invalid) }

    @Test(arguments: [
        Invalid("[a]\n[a]", at: "2:2", "table [a] already begins in line 1"), Invalid("[a]\n[b]\n[a]", at: "3:2"),
        Invalid("[a]\n[\"a\"]", at: "2:2"), Invalid("[a.b]\n[a.b]", at: "2:4"), Invalid("[a.b]\n[a]\n[a]", at: "3:2"),
        Invalid("[a]\nb = 1\n[a.b]", at: "3:4", "already set in line 2"),
        Invalid("[a]\nb = 1\n[a.b.c]", at: "3:4", "nothing can be added"),
        Invalid("a = 1\n[a]", at: "2:2"), Invalid("a = 1\n[a.b]", at: "2:2"), Invalid("a = {}\n[a]", at: "2:2"),
        Invalid("a = {}\n[a.b]", at: "2:2"), Invalid("a = {b = {}}\n[a.b]", at: "2:2"),
        Invalid("[t]\na = {}\n[t.a.b]", at: "3:4"),
        Invalid("a.b = 1\n[a]", at: "2:2", "already a table"), Invalid("[t]\na.b = 1\n[t.a]", at: "3:4"),
        Invalid("[t]\na.b.c = 1\n[t.a.b]", at: "3:6"), Invalid("a = []\n[a]", at: "2:2"),
        Invalid("a = []\n[a.b]", at: "2:2"),
        Invalid("a = [{}]\n[a.b]", at: "2:2"),
    ])
    func `a header stands once`(_ invalid: Invalid) { check(invalid) }

    @Test(arguments: [
        Invalid("a = []\n[[a]]", at: "2:3"), Invalid("a = [{}]\n[[a]]", at: "2:3"), Invalid("a = 1\n[[a]]", at: "2:3"),
        Invalid("[a]\n[[a]]", at: "2:3", "already a table"), Invalid("[a.b]\n[[a]]", at: "2:3"),
        Invalid("[[a]]\n[a]", at: "2:2", "double brackets"), Invalid("[[a]]\n[a.b]\n[[a.b]]", at: "3:5"),
        Invalid("[[a.b]]\n[a.b]", at: "2:4"), Invalid("[[a]]\nb = []\n[[a.b]]", at: "3:5"),
        Invalid("[[a]]\nb = 1\n[a.b]", at: "3:4"), Invalid("a.b = 1\n[[a]]", at: "2:3"),
        Invalid("[a]\nb.c = 1\n[[a.b]]", at: "3:5"),
        Invalid("[a]\n[[a.b]]\n[a]", at: "3:2"),
    ])
    func `an array of tables is not a table`(_ invalid: Invalid) { check(invalid) }

    @Test(arguments: [
        Invalid("[a.b.c]\nz = 9\n[a]\nb.c.t = 1", at: "4:3", "already begins in line 1"),
        Invalid("[a.b.c.d]\nz = 9\n[a]\nb.c.d.k.t = 1", at: "4:5"),
        Invalid("[[a.b]]\n[a]\nb.y = 2", at: "3:1", "array of tables"),
        Invalid("[a.b]\n[a]\nb.c = 1", at: "3:1"), Invalid("[a.b]\nx = 1\n[a]\nb.c = 1", at: "4:1"),
        Invalid("[a.b.c]\n[a]\nb.d = 1\n[a.b]", at: "4:4"),
    ])
    func `dotted keys do not reopen tables`(_ invalid: Invalid) { check(invalid) }

    @Test func `a dotted key may extend a table that has no header`() throws {
        try check(Valid("[a.b.c]\n[a]\nb.d = 1", #"{"a": {"b": {"c": {}, "d": 1}}}"#))
    }
}
