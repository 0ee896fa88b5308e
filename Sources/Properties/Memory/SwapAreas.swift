import Libc

/// The swap areas in use (`/proc/swaps`, proc(5)).
struct SwapAreas: Equatable {
    struct Area: Equatable {
        var path: String
        /// In bytes, without the header page.
        var size: Int
        /// In bytes.
        var used: Int
        var priority: Int
    }

    var areas: [Area]

    /// - Throws: ``Failure`` if the kernel does not support swap.
    init(of machine: Machine) throws {
        guard let bytes = try machine.files.readIfPresent("/proc/swaps") else {
            throw Failure(
                "this kernel does not support swap",
                advice: "There is no /proc/swaps: use a kernel with CONFIG_SWAP, or do not declare swap.")
        }
        areas = String(decoding: bytes, as: UTF8.self).lines.dropFirst().compactMap { line in
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            // A file that was removed while in use ends in "\040(deleted)", so it matches no other path.
            guard fields.count == 5, let size = Int(fields[2]), let used = Int(fields[3]), let priority = Int(fields[4])
            else { return nil }
            return Area(
                path: String(fields[0]).octalUnescaped, size: size * 1024, used: used * 1024, priority: priority)
        }
    }
}

extension SwapAreas.Area {
    /// - Throws: ``Failure`` if its pages do not fit into memory and other areas.
    func requireFits(on machine: Machine) throws {
        guard used > 0 else { return }
        let memory = try Memory(of: machine)
        let others = try SwapAreas(of: machine).areas.filter { $0.path != path }.reduce(0) { $0 + $1.size - $1.used }
        // Running programs need some memory too.
        guard used + memory.total / 20 <= memory.available + others else {
            throw Failure(
                "\(path) cannot be switched off: \(used >> 20) MiB are swapped out to it, and only "
                    + "\(max(0, memory.available) >> 20) MiB of memory are available",
                advice:
                    "Stop programs that use memory (see `ps aux --sort -rss`), or declare another swap file first."
            )
        }
    }

    func switchOff(on machine: Machine) async throws {
        try requireFits(on: machine)
        // swapoff reads all pages back.
        try await machine.succeed(Invocation("swapoff", ["--", path], timeout: .hours(1)))
    }
}

/// The memory of the machine (`/proc/meminfo`), in bytes.
struct Memory: Equatable {
    var total: Int
    /// The memory that programs can use without swapping.
    var available: Int

    init(of machine: Machine) throws {
        var values: [Substring: Int] = [:]
        for line in try machine.files.text("/proc/meminfo").lines {
            let words = line.split(whereSeparator: { $0 == " " || $0 == ":" })
            if words.count == 3, words[2] == "kB", let kibibytes = Int(words[1]) { values[words[0]] = kibibytes * 1024 }
        }
        guard let total = values["MemTotal"], let available = values["MemAvailable"] else {
            throw Failure("unexpected content of /proc/meminfo")
        }
        self.total = total
        self.available = available
    }

    static var pageSize: Int { Int(getpagesize()) }
}
