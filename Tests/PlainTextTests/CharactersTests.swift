import PlainText
import Testing

@Suite struct CharactersTests {
    @Test func `classes agree with Swift's own of ASCII`() {
        for byte in UInt8.min...UInt8.max {
            let character = Character(Unicode.Scalar(byte)), isASCII = byte < 0x80
            #expect(byte.isASCIILetter == (isASCII && character.isLetter))
            #expect(byte.isASCIIDigit == (isASCII && character.isNumber))
            #expect(byte.isASCIIUppercase == (isASCII && character.isUppercase))
            #expect(byte.isASCIILowercase == (isASCII && character.isLowercase))
            #expect(byte.isASCIILetterOrDigit == (byte.isASCIILetter || byte.isASCIIDigit))
            #expect(byte.isLowercaseHexadecimalDigit == (isASCII && character.isHexDigit && !character.isUppercase))
        }
    }

    @Test(arguments: [("", ""), (" \t\r\n", ""), (" a b\n", "a b"), ("a", "a")])
    func `whitespace at the ends is trimmed`(_ text: String, _ trimmed: String) {
        #expect(text.trimmed == trimmed)
    }

    @Test func `numbers have the wanted digits at least`() {
        #expect(String(0, radix: 2, digits: 1) == "0" && String(UInt8(255), radix: 16, digits: 4) == "00ff")
        #expect(String(0xABCDE, radix: 16, digits: 2, uppercase: true) == "ABCDE")
    }

    @Test func `modes have four digits at least`() {
        #expect([0, 0o644, 0o4755].map(octal) == ["0000", "0644", "4755"])
    }
}
