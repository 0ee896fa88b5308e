import Testing

@testable import TOML

@Suite struct NumberTests {
    @Test(arguments: [
        ("0", 0), ("+0", 0), ("-0", 0), ("7", 7), ("+7", 7), ("-17", -17), ("1_000", 1000), ("1_2_3", 123),
        ("5_349_221", 5_349_221), ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
        ("0x0", 0), ("0xDEADBEEF", 0xDEAD_BEEF), ("0xdead_beef", 0xDEAD_BEEF), ("0x00ff", 255),
        ("0x7fffffffffffffff", Int.max), ("0o755", 0o755), ("0o0_7", 7), ("0o777777777777777777777", Int.max),
        ("0b1101_0110", 0b1101_0110), ("0b0", 0), ("0b" + String(repeating: "1", count: 63), Int.max), ("0xe1", 0xE1),
        ("0xb1", 0xB1),
    ])
    func `integers have four bases`(_ text: String, _ number: Int) throws {
        #expect(try Document(parsing: "a = \(text)").root["a"]?.content == .integer(number))
    }

    @Test(arguments: [
        ("0.0", 0.0), ("+1.0", 1), ("3.1415", 3.1415), ("-0.01", -0.01), ("5e+22", 5e22), ("1e06", 1e6),
        ("-2E-2", -2e-2),
        ("6.626e-34", 6.626e-34), ("224_617.445_991_228", 224617.445991228), ("1e1_0", 1e10), ("0e0", 0), ("1e-999", 0),
        ("1.7976931348623157e308", Double.greatestFiniteMagnitude), ("5e-324", Double.leastNonzeroMagnitude),
        ("0.1", 0.1), ("9007199254740993.0", 9007199254740992), ("inf", .infinity), ("+inf", .infinity),
        ("-inf", -.infinity), ("nan", .nan), ("+nan", .nan), ("-nan", .nan), ("1_0.0_1", 10.01),
    ])
    func `floats follow IEEE 754`(_ text: String, _ number: Double) throws {
        #expect(try Document(parsing: "a = \(text)").root["a"]?.content == .float(number))
    }

    @Test func `zero keeps its sign`() throws {
        guard case .float(let zero)? = try Document(parsing: "a = -0.0").root["a"]?.content else {
            Issue.record("not a float")
            return
        }
        #expect(zero == 0 && zero.sign == .minus)
    }

    @Test func `booleans are lowercase`() throws {
        try check(Valid("a = true\nb = false", #"{"a": true, "b": false}"#))
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "0x8000000000000000", "0x1_0000_0000_0000_0000",
        "0o1000000000000000000000", "99999999999999999999999999", "1e400", "-1e309",
    ])
    func `values out of range are rejected`(_ text: String) {
        check(Invalid("a = 1\nb = [\n  \(text)]", at: "3:3", "“\(text)”: it does not fit into 64 bits"))
    }

    @Test(arguments: ["01", "00", "-01", "+01", "0_1", "03.14", "-00.5", "00e1"])
    func `leading zeros are refused`(_ text: String) {
        check(Invalid("a = \(text)", at: "1:5", "leading zero"))
    }

    @Test(arguments: [
        "1__0", "1_", "_1", "-_1", "1_.0", "1._0", "1.0_", "1_e5", "1e_5", "1e5_", "1__0.5", "0x_1", "0x1_", "0xa__b",
        "0o_7", "0b1_",
    ])
    func `underscores stand between digits`(_ text: String) {
        check(Invalid("a = \(text)", at: "1:5", "“\(text)”: underscores"))
    }

    @Test(arguments: ["+0x1", "-0x1", "+0o7", "-0b1"])
    func `other bases have no sign`(_ text: String) { check(Invalid("a = \(text)", at: "1:5", "no sign")) }

    @Test(arguments: [
        "1.", ".5", "+.5", "-", "+", "--1", "++1", "+-1", "1.e5", "1e", "1e+", "1e5.0", "1.2.3", "1-2", "0x", "0o",
        "0b",
        "0xg", "0o8", "0b2", "0X1", "0O7", "0B1", "0xff.8", "1f", "1,", "Inf", "INF", "+Nan", "infinity", "in", "True",
        "TRUE", "FALSE", "tru", "falsey", "truer", "yes", "null", "v1.2", "22x", "true-north", "é", "a.b", "1e5e5", "=",
        "@", "1:2",
    ])
    func `anything else is not a value`(_ text: String) {
        let isNumber = text == "1,"
        check(
            Invalid("a = \(text)", at: isNumber ? "1:6" : "1:5", isNumber ? "end of the line" : "put strings in quotes")
        )
    }

    @Test func `the advice shows the value in quotes`() {
        check(Invalid("tag = v1.2 # c", at: "1:7", #"“v1.2” is not a value: put strings in quotes: "v1.2""#))
        check(Invalid("a = " + String(repeating: "x", count: 50), at: "1:5", "\(String(repeating: "x", count: 37))…"))
    }
}
