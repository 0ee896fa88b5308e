import Testing

@testable import TOML

@Suite struct TableTests {
    @Test(arguments: [
        Valid("", "{}"), Valid("\n\n", "{}"), Valid("# c", "{}"), Valid(" \t", "{}"), Valid("\r\n#\r\n", "{}"),
        Valid("a=1", #"{"a": 1}"#), Valid("\ta\t=\t1\t#c", #"{"a": 1}"#),
        Valid("a = 1\r\nb = 2\r\n", #"{"a": 1, "b": 2}"#),
        Valid("\u{FEFF}a = 1", #"{"a": 1}"#), Valid("\u{FEFF}", "{}"),
        Valid("1234 = 1\n-_- = 2\nA-b_9 = 3\n", #"{"-_-": 2, "1234": 1, "A-b_9": 3}"#),
        Valid("\"a b\" = 1\n'c.d' = 2\n\"\" = 3\n", #"{"": 3, "a b": 1, "c.d": 2}"#),
        Valid("'' = 1", #"{"": 1}"#), Valid(#""\u00e9" = 1"#, #"{"é": 1}"#),
        Valid(#"'\u00e9' = 1"#, #"{"\\u00e9": 1}"#),
        Valid("\"ключ\" = 1", #"{"ключ": 1}"#), Valid("'#' = 1 # '", "{\"#\": 1}"),
        Valid("\"=\" = '='", #"{"=": "="}"#),
        Valid("a = 1\nA = 2", #"{"A": 2, "a": 1}"#),
        Valid("true = 1\ninf = 2\n1e5 = 3", #"{"1e5": 3, "inf": 2, "true": 1}"#),
    ])
    func `keys are bare or quoted`(_ valid: Valid) throws { try check(valid) }

    @Test func `keys are compared by code points`() throws {
        // `==` of strings takes the two for one.
        let root = try Document(parsing: "\"\u{E9}\" = 1\n\"e\u{301}\" = 2").root
        #expect(root["\u{E9}"]?.content == .integer(1))
        #expect(root["e\u{301}"]?.content == .integer(2))
    }

    @Test(arguments: [
        Valid("a.b = 1", #"{"a": {"b": 1}}"#), Valid("a . \"b c\" . 'd' = 1", #"{"a": {"b c": {"d": 1}}}"#),
        Valid("a.b = 1\na.c = 2", #"{"a": {"b": 1, "c": 2}}"#),
        Valid("a.b.c = 1\nd = 2\na.b.e = 3", #"{"a": {"b": {"c": 1, "e": 3}}, "d": 2}"#),
        Valid("3.14 = 'pi'", #"{"3": {"14": "pi"}}"#), Valid("''.a = 1", #"{"": {"a": 1}}"#),
        Valid("[t]\na.b = 1\n[u]\na.b = 2", #"{"t": {"a": {"b": 1}}, "u": {"a": {"b": 2}}}"#),
        Valid("[t]\na.b = 1\n[t.c]\nd = 2", #"{"t": {"a": {"b": 1}, "c": {"d": 2}}}"#),
        Valid("[t]\na.b = 1\n[t.a.c]\nd = 2", #"{"t": {"a": {"b": 1, "c": {"d": 2}}}}"#),
        Valid("[[l]]\na.b = 1\n[[l]]\na.b = 2", #"{"l": [{"a": {"b": 1}}, {"a": {"b": 2}}]}"#),
    ])
    func `keys with dots make tables`(_ valid: Valid) throws { try check(valid) }

    @Test(arguments: [
        Valid("[a]", #"{"a": {}}"#), Valid("[a]\n[b]\nc = 1", #"{"a": {}, "b": {"c": 1}}"#),
        Valid(" [ a . \"b.c\" . 'd' ] # x\ne = 1", #"{"a": {"b.c": {"d": {"e": 1}}}}"#),
        Valid("[a.b]\nc = 1\n[a]\nd = 2", #"{"a": {"b": {"c": 1}, "d": 2}}"#),
        Valid("[a]\n[a.b.c]\n[a.b]", #"{"a": {"b": {"c": {}}}}"#),
        Valid("[a.b]\n[a.c]\n[a]", #"{"a": {"b": {}, "c": {}}}"#),
        Valid("[\"\"]\na = 1", #"{"": {"a": 1}}"#), Valid("['a]']\nb = 1", #"{"a]": {"b": 1}}"#),
        Valid("x = 1\n[a]\nx = 2", #"{"a": {"x": 2}, "x": 1}"#), Valid("[a]\r\nb = 1\r\n", #"{"a": {"b": 1}}"#),
        Valid("[x.y.z.w]\n[x]", #"{"x": {"y": {"z": {"w": {}}}}}"#),
    ])
    func `headers make tables`(_ valid: Valid) throws { try check(valid) }

    @Test(arguments: [
        Valid("[[a]]", #"{"a": [{}]}"#),
        Valid("[[a]]\nb = 1\n[[a]]\n[[a]]\nb = 3", #"{"a": [{"b": 1}, {}, {"b": 3}]}"#),
        Valid("[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2", #"{"a": [{"b": {"c": 1}}, {"b": {"c": 2}}]}"#),
        Valid(
            "[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[[a]]\n[[a.b]]\nc = 3",
            #"{"a": [{"b": [{"c": 1}, {"c": 2}]}, {"b": [{"c": 3}]}]}"#),
        Valid("[[a.b]]\nc = 1\n[a]\nd = 2", #"{"a": {"b": [{"c": 1}], "d": 2}}"#),
        Valid("[[ a . 'b' ]] # x", #"{"a": {"b": [{}]}}"#),
        Valid("[[a]]\n[a.b.c]\n[a.b]", #"{"a": [{"b": {"c": {}}}]}"#),
    ])
    func `double brackets add to an array`(_ valid: Valid) throws { try check(valid) }

    @Test(arguments: [
        Valid("a = {}", #"{"a": {}}"#), Valid("a = { }", #"{"a": {}}"#),
        Valid("a = {b=1,c=2}", #"{"a": {"b": 1, "c": 2}}"#),
        Valid("a = { b.c = 1, b.d = 2, 'e f' = {} }", #"{"a": {"b": {"c": 1, "d": 2}, "e f": {}}}"#),
        Valid("a = [{b = 1}, {b = 2}]", #"{"a": [{"b": 1}, {"b": 2}]}"#),
        Valid("a = {b = [\n1, # c\n2\n]}", #"{"a": {"b": [1, 2]}}"#),
        Valid("a = {b = '''\nx\n'''}", #"{"a": {"b": "x\n"}}"#),
        Valid("[t]\na = {b = {c = {}}}", #"{"t": {"a": {"b": {"c": {}}}}}"#),
        Valid("a.b = {c.d = 1}", #"{"a": {"b": {"c": {"d": 1}}}}"#),
    ])
    func `tables may stand in braces`(_ valid: Valid) throws { try check(valid) }

    @Test(arguments: [
        Valid("a = []", #"{"a": []}"#), Valid("a = [ ]", #"{"a": []}"#), Valid("a = [\n\n# c\n]", #"{"a": []}"#),
        Valid("a = [1,2,3,]", #"{"a": [1, 2, 3]}"#),
        Valid("a = [1, 'b', 2.5, true, [], {}]", #"{"a": [1, "b", 2.5, true, [], {}]}"#),
        Valid("a = [\n  1, # one ]\n  2 # two\n  , 3\n]", #"{"a": [1, 2, 3]}"#),
        Valid("a = [[1, 2], [\"c\"]]", #"{"a": [[1, 2], ["c"]]}"#),
        Valid("a = [\r\n1,\r\n2\r\n]", #"{"a": [1, 2]}"#), Valid("a = ['],', \"[\"]", #"{"a": ["],", "["]}"#),
        Valid("a = [1\n,]", #"{"a": [1]}"#), Valid("a = [\"\"\"\n]\"\"\"]", #"{"a": ["]"]}"#),
    ])
    func `arrays may have several lines`(_ valid: Valid) throws { try check(valid) }
}
