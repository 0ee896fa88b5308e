import Libc

/// The swap areas in use (`/proc/swaps`, proc(5)).
struct SwapAreas: Equatable {
    struct Area: Equatable {
        var path: String
        /// In bytes, without the page of the header.
        var size: Int
        /// In bytes.
        var used: Int
        var priority: Int
    }

    var areas: [Area]

    /// - Throws: ``Failure`` where the kernel has no swap.
    init(of machine: Machine) throws {
        guard let bytes = try machine.files.readIfPresent("/proc/swaps") else {
            throw Failure(
                "this kernel cannot swap",
                advice: "There is no /proc/swaps: run a kernel with CONFIG_SWAP, or leave the swap file out.")
        }
        areas = String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            // A file that was removed while in use ends in "\040(deleted)", so its whole name is no other's.
            guard fields.count == 5, let size = Int(fields[2]), let used = Int(fields[3]), let priority = Int(fields[4])
            else { return nil }
            return Area(
                path: String(fields[0]).octalUnescaped, size: size * 1024, used: used * 1024, priority: priority)
        }
    }
}

extension SwapAreas.Area {
    /// - Throws: ``Failure`` where what is swapped out to it has no place elsewhere.
    func requireFits(on machine: Machine) throws {
        guard used > 0 else { return }
        let memory = try Memory(of: machine)
        let others = try SwapAreas(of: machine).areas.filter { $0.path != path }.reduce(0) { $0 + $1.size - $1.used }
        // Some memory must stay for what goes on meanwhile.
        guard used + memory.total / 20 <= memory.available + others else {
            throw Failure(
                "\(path) cannot be switched off: \(used >> 20) MiB are swapped out to it, and \(max(0, memory.available) >> 20) MiB of memory are available",
                advice:
                    "Stop what uses the memory (see `ps aux --sort -rss`), or declare another swap file beside this one first."
            )
        }
    }

    func switchOff(on machine: Machine) async throws {
        try requireFits(on: machine)
        // It reads back all that is swapped out.
        try await machine.succeed(Invocation("swapoff", ["--", path], timeout: .hours(1)))
    }
}

/// What the kernel says of the memory (`/proc/meminfo`), in bytes.
struct Memory: Equatable {
    var total: Int
    /// What programs can have without swapping.
    var available: Int

    init(of machine: Machine) throws {
        var values: [Substring: Int] = [:]
        for line in try machine.files.text("/proc/meminfo").split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == ":" })
            if words.count == 3, words[2] == "kB", let kibibytes = Int(words[1]) { values[words[0]] = kibibytes * 1024 }
        }
        guard let total = values["MemTotal"], let available = values["MemAvailable"] else {
            throw Failure("/proc/meminfo does not tell how much memory there is")
        }
        self.total = total
        self.available = available
    }

    static var pageSize: Int { Int(getpagesize()) }
}
