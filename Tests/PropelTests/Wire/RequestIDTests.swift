import Testing

@testable import Propel

@Suite struct RequestIDTests {
    @Test func `every request has its own ID, which survives the wire`() throws {
        var request = Request(entry: HostEntry(name: "a", role: "b"), deployer: "c")
        #expect(try Request(JSON(parsing: request.json.description)).id == nil)
        let id = RequestID()
        #expect(id != RequestID() && RequestID(id.description) == id)
        request.id = id
        #expect(try Request(JSON(parsing: request.json.description)) == request)
    }

    @Test(arguments: [
        "", "1f", "../00000000000000000000000000000", "0000000000000000000000000000000G",
        "0000000000000000000000000000000/", "000000000000000000000000000000000",
    ])
    func `anything else is no ID, and never a part of a path`(_ text: String) throws {
        #expect(RequestID(text) == nil)
        var json = try #require(Request(entry: HostEntry(name: "a", role: "b"), deployer: "c").json.object)
        json["id"] = .string(text)
        #expect(throws: MalformedMessage.self) { try Request(.object(json)) }
    }
}
