import Testing

@testable import Properties

@Suite struct Base64Tests {
    @Test func `bytes are written and read again`() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            let digits = String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self)
            #expect(digits.utf8.count % 4 == 0 && Base64.decode(digits[...]) == Array(text.utf8))
        }
        #expect(Base64.decode("Zm9vYg==") == Array("foob".utf8))
        #expect(Base64.decode("Zm9vYmE=") == Base64.decode("Zm9vYmE"))
    }

    @Test(arguments: ["Zm9vY", "Zm9v====", "Zm=9v", "Zm-9"] as [Substring])
    func `other text is refused`(_ text: Substring) {
        #expect(Base64.decode(text) == nil)
    }
}
