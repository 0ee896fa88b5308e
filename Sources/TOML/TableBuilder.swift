/// A table while it is read. Its origin decides what may be added to it.
final class TableBuilder {
    enum Origin {
        /// The header of a table inside it. Its own header may still follow.
        case implicit
        /// Its own header, or the root.
        case header
        /// A dotted key.
        case dottedKey
        /// Braces.
        case inline
    }

    enum Slot {
        case value(Value)
        case table(TableBuilder)
        case tables(TableArrayBuilder)
    }

    var origin: Origin
    /// The header or key that made it first.
    var place: (position: Position, bytes: Range<Int>)
    /// The number of tables and arrays around it.
    let depth: Int
    private var keys: [Key] = []
    private var slots: [Slot] = []
    private var index: [[UInt8]: Int] = [:]

    init(_ origin: Origin, at place: (position: Position, bytes: Range<Int>), depth: Int) {
        self.origin = origin
        self.place = place
        self.depth = depth
    }

    func slot(_ key: Key) -> (key: Key, slot: Slot)? { index[key.identity].map { (keys[$0], slots[$0]) } }

    func add(_ slot: Slot, as key: Key) {
        index[key.identity] = keys.count
        keys.append(key)
        slots.append(slot)
    }

    var table: Table {
        let entries = zip(keys, slots).map { key, slot in
            let value =
                switch slot {
                case .value(let value): value
                case .table(let table): table.value
                case .tables(let tables): tables.value
                }
            return Table.Entry(key: key, value: value)
        }
        return Table(entries, index: index)
    }

    var value: Value { Value(content: .table(table), position: place.position, bytes: place.bytes) }
}

/// An array of tables that is being read.
final class TableArrayBuilder {
    var elements: [TableBuilder]

    init(_ first: TableBuilder) { elements = [first] }

    var value: Value {
        Value(
            content: .array(elements.map(\.value)), position: elements[0].place.position, bytes: elements[0].place.bytes
        )
    }
}

extension TableBuilder {
    /// The table that a header opens, seen from the root.
    func open(_ header: Header) throws(SyntaxError) -> TableBuilder {
        var table = self
        for key in header.path.dropLast() { table = try table.passed(by: key) }
        guard let last = header.path.last else { return table }
        let place = (header.position, header.bytes)
        let existing = table.slot(last)
        switch existing?.slot {
        case nil:
            let depth = table.depth + (header.isArrayElement ? 2 : 1)
            let new = TableBuilder(.header, at: place, depth: try Self.checked(depth, at: last.position))
            table.add(header.isArrayElement ? .tables(TableArrayBuilder(new)) : .table(new), as: last)
            return new
        case .table(let known)? where known.origin == .implicit && !header.isArrayElement:
            known.origin = .header
            known.place = place
            return known
        case .tables(let known)? where header.isArrayElement:
            let new = TableBuilder(.header, at: place, depth: table.depth + 2)
            known.elements.append(new)
            return new
        case .some(let slot):
            throw Self.redefinition(of: header, first: existing?.key, as: slot)
        }
    }

    private static func redefinition(of header: Header, first: Key?, as slot: Slot) -> SyntaxError {
        let name = header.path.map { Writing.key($0.name) }.joined(separator: ".").shown
        let position = header.path.last?.position ?? header.position
        let message: String
        switch slot {
        case .table(let known) where known.origin == .header && !header.isArrayElement:
            message = "table [\(name)] already begins in line \(known.place.position.line): put its keys together there"
        case .table(let known):
            message =
                "“\(name)” is already a table, from line \(known.place.position.line): "
                + (header.isArrayElement ? "use single brackets, or another name" : "put its keys together there")
        case .tables(let known):
            message =
                "“\(name)” is already an array of tables, from line \(known.elements[0].place.position.line): "
                + "use double brackets to add to it"
        case .value(let value):
            let line = first?.position.line ?? value.position.line
            message = "“\(name)” is already set in line \(line): keep one of the two"
        }
        return SyntaxError(position: position, message: message)
    }

    /// The table that a header's path goes through at `key`.
    private func passed(by key: Key) throws(SyntaxError) -> TableBuilder {
        switch slot(key)?.slot {
        case nil: return try addTable(.implicit, as: key)
        case .table(let known)?: return known
        case .tables(let known)?: return known.elements[known.elements.count - 1]
        case .value(let value)?: throw Self.noTable(key, sinceItIs: value)
        }
    }

    /// Adds a table that is only named on the way to something in it.
    private func addTable(_ origin: Origin, as key: Key) throws(SyntaxError) -> TableBuilder {
        let start = key.position.offset, depth = try Self.checked(depth + 1, at: key.position)
        let new = TableBuilder(origin, at: (key.position, start..<start), depth: depth)
        add(.table(new), as: key)
        return new
    }

    private static func noTable(_ key: Key, sinceItIs value: Value) -> SyntaxError {
        SyntaxError(
            position: key.position,
            message:
                "“\(key.name.shown)” is already set in line \(value.position.line): nothing can be added to it here")
    }

    /// Sets the value of a key of this table.
    func set(_ key: Key, to value: Value) throws(SyntaxError) {
        if let existing = slot(key) {
            throw SyntaxError(
                position: key.position,
                message:
                    "“\(key.name.shown)” is already set in line \(existing.key.position.line): keep one of the two")
        }
        add(.value(value), as: key)
    }

    /// The table in which the last part of a key with dots stands; it is made where it is missing.
    func parent(of path: [Key]) throws(SyntaxError) -> TableBuilder {
        var table = self
        for key in path.dropLast() {
            switch table.slot(key)?.slot {
            case nil: table = try table.addTable(.dottedKey, as: key)
            case .table(let known)? where known.origin == .dottedKey || known.origin == .implicit:
                known.origin = .dottedKey
                table = known
            case .table(let known)?:
                throw SyntaxError(
                    position: key.position,
                    message:
                        "table “\(key.name.shown)” already begins in line \(known.place.position.line): "
                        + "put its keys together there"
                )
            case .tables(let known)?:
                throw SyntaxError(
                    position: key.position,
                    message:
                        "“\(key.name.shown)” is already an array of tables, "
                        + "from line \(known.elements[0].place.position.line)"
                )
            case .value(let value)?: throw Self.noTable(key, sinceItIs: value)
            }
        }
        return table
    }

    /// `depth` where it is within the limit.
    static func checked(_ depth: Int, at position: Position) throws(SyntaxError) -> Int {
        guard depth <= Document.maximumDepth else {
            throw SyntaxError(
                position: position, message: "tables and arrays are nested more than \(Document.maximumDepth) deep")
        }
        return depth
    }
}
