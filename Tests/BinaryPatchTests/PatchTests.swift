import PropelTesting
import Testing

@testable import BinaryPatch

@Suite struct PatchTests {
    @Test func `a file that moved and was changed in places takes a small patch`() throws {
        var generator = SeededGenerator(seed: 1)
        let base = generator.bytes(100_000)
        var new = Array(base[..<40_000]) + generator.bytes(200) + Array(base[40_000...])
        // As the addresses of what has moved: the same difference every now and then.
        for index in stride(from: 100, to: new.count, by: 97) { new[index] &+= 200 }
        let patch = try Patch.making(base, new)
        #expect(try Patch.applying(patch, base) == new)
        #expect(patch.count < 5000)
        // Three numbers for a part, two for a run, and the bytes of one part as they are.
        #expect(try Patch.making(base, base).count < 40)
    }

    @Test func `what was moved, repeated or removed is found`() throws {
        var generator = SeededGenerator(seed: 2)
        let base = generator.bytes(60_000)
        let first = Array(base[..<20_000]), second = Array(base[20_000..<40_000]), third = Array(base[40_000...])
        for new in [third + first + second, first + first + third, second, third + third + third] {
            let patch = try Patch.making(base, new)
            #expect(try Patch.applying(patch, base) == new)
            #expect(patch.count < 100)
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 23, 24, 100]) func `small files`(_ size: Int) throws {
        var generator = SeededGenerator(seed: UInt64(size))
        let bytes = generator.bytes(size)
        let pairs: [([UInt8], [UInt8])] = [
            (bytes, bytes), (bytes, []), ([], bytes), (bytes, bytes + bytes), (bytes + [1], bytes),
        ]
        for (base, new) in pairs {
            #expect(try Patch.applying(try Patch.making(base, new), base) == new)
        }
    }

    /// Files of which one came from the other by random edits, with few different bytes, so that much repeats.
    @Test func `every patch makes the file that it was made for`() throws {
        for seed in 0..<200 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let (base, new) = generator.pair()
            let patch = try Patch.making(base, new)
            #expect(try Patch.applying(patch, base) == new, "seed \(seed)")
            #expect(patch.count <= 2 * new.count + 100, "seed \(seed)")
        }
    }

    /// `applying` fails the test if anything outside of the base is read.
    @Test func `a damaged patch is refused, or makes another file`() throws {
        var refused = 0
        for seed in 0..<200 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let (base, new) = generator.pair()
            let patch = try Patch.making(base, new)
            for _ in 0..<20 {
                do { _ = try Patch.applying(generator.damage(patch), base) } catch is Patch.Invalid { refused += 1 }
            }
        }
        #expect(refused > 1000, "of 4000")
    }

    @Test func `each number and each end is checked`() {
        let base: [UInt8] = [1, 2, 3, 4]
        func refusal(_ rest: [UInt8], signature: [UInt8] = Patch.signature) -> String? {
            do {
                _ = try Patch.applying(signature + rest, base)
                return nil
            } catch { return "\(error)" }
        }
        #expect(refusal([4, 2, 1, 2, 0, 1, 1, 9]) == nil, "a valid patch")
        #expect(refusal([4, 0]) == nil, "an empty file")
        #expect(refusal([4, 0], signature: Array("PROPELP2".utf8)) == "it is no patch")
        #expect(refusal([3, 0]) == "the patch is for another file")
        #expect(refusal([4]) == "the patch is cut off")
        #expect(refusal([4, 2, 1, 2, 0, 1, 1]) == "the patch is cut off")
        #expect(refusal([4, 2, 0, 0, 2, 7]) == "the patch is cut off")
        #expect(refusal([4, 0, 0]) == "the patch goes on after its end")
        #expect(refusal([4, 2, 5, 0, 2, 7, 7]) == "a number in the patch is too large", "beyond the base")
        #expect(refusal([4, 2, 3, 2, 0, 2, 0]) == "a number in the patch is too large", "over the end of the base")
        #expect(refusal([4, 2, 0, 3, 0, 3, 0]) == "a number in the patch is too large", "more than is missing")
        #expect(refusal([4, 2, 0, 1, 2, 1, 0, 7, 7]) == "a number in the patch is too large", "more than is missing")
        #expect(refusal([4, 2, 0, 2, 0, 3, 0]) == "a number in the patch is too large", "a run longer than its part")
        #expect(refusal([4, 2, 0, 2, 0, 1, 2, 1, 1]) == "a number in the patch is too large", "the same")
        #expect(refusal([4, 2, 0, 0, 0]) == "a part of the patch is empty")
        #expect(refusal([4, 2, 0, 2, 0, 0, 0]) == "a run of the patch is empty")
        #expect(refusal([4, 0xff, 0xff, 0xff, 0xff, 0x7f]) == "a number in the patch is too large", "2³⁵ - 1")
        #expect(refusal([4, 0x80, 0x80, 0x80, 0x80, 0x80, 0]) == "a number in the patch is too large", "six bytes")
    }

    @Test func `a base that is shorter than it was is noticed`() throws {
        let patch = Patch.signature + [4, 4, 0, 4, 0, 4, 0]
        var pieces = [patch]
        #expect(throws: Patch.Invalid(description: "the base became shorter")) {
            try Patch.apply(
                toBaseOf: 4, read: { _, _ in [1, 2] }, next: { pieces.popLast() ?? [] }, write: { _ in })
        }
    }
}

extension Patch {
    static func making(_ base: [UInt8], _ new: [UInt8]) throws -> [UInt8] {
        try base.withUnsafeBytes { base in try new.withUnsafeBytes { try make(from: base, to: $0) } }
    }

    /// The result of a patch that arrives in pieces of 7 bytes.
    static func applying(_ patch: [UInt8], _ base: [UInt8]) throws -> [UInt8] {
        var made: [UInt8] = [], position = 0
        try apply(
            toBaseOf: base.count,
            read: { offset, count in
                try #require(offset >= 0 && count > 0 && offset + count <= base.count)
                return Array(base[offset..<offset + count])
            },
            next: {
                defer { position = min(patch.count, position + 7) }
                return Array(patch[position..<min(patch.count, position + 7)])
            },
            write: { made += $0 })
        return made
    }
}

extension SeededGenerator {
    /// Two files of at most 2 kB, the second made from the first by cutting, moving, repeating and changing.
    fileprivate mutating func pair() -> (base: [UInt8], new: [UInt8]) {
        let last = UInt8.random(in: 0...255, using: &self)
        let base = (0..<Int.random(in: 0...2000, using: &self)).map { _ in UInt8.random(in: 0...last, using: &self) }
        var new: [UInt8] = []
        while !base.isEmpty, new.count < 2000, Int.random(in: 0..<8, using: &self) > 0 {
            let start = Int.random(in: 0..<base.count, using: &self)
            var part = Array(base[start..<Int.random(in: start...base.count, using: &self)])
            for index in part.indices where Int.random(in: 0..<20, using: &self) == 0 { part[index] &+= 3 }
            new += part + bytes(Int.random(in: 0..<10, using: &self))
        }
        return (base, new)
    }

    /// Bytes changed, removed or added, or the end cut off.
    fileprivate mutating func damage(_ patch: [UInt8]) -> [UInt8] {
        var damaged = patch
        for _ in 0...Int.random(in: 0...2, using: &self) {
            let place = Int.random(in: 0..<max(1, damaged.count), using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0 where place < damaged.count: damaged[place] = UInt8.random(in: 0...255, using: &self)
            case 1 where place < damaged.count: damaged.remove(at: place)
            case 2 where damaged.count > 1: damaged.removeLast(damaged.count - place)
            default: damaged.insert(UInt8.random(in: 0...255, using: &self), at: min(place, damaged.count))
            }
        }
        return damaged
    }
}
