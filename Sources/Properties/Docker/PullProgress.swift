import Synchronization

/// The progress of `docker pull`, which tells off a terminal when a layer is downloaded and unpacked, and no bytes.
///
///     3c3a4604a545: Pulling fs layer
///     3c3a4604a545: Download complete
///     3c3a4604a545: Pull complete
final class PullProgress: Sendable {
    /// The share of each layer that is done: half when it is downloaded.
    private let layers = Mutex<[Substring: Int]>([:])

    /// “pulling 7 layers, 42 %”; nil if no layer is known yet.
    /// - Parameter output: the end of docker's output. Only its end: what was seen before is remembered.
    func words(after output: String) -> String? {
        layers.withLock { layers in
            for line in output.lines {
                guard let colon = line.firstRange(of: ": "), line[..<colon.lowerBound].isLayer else { continue }
                let id = line[..<colon.lowerBound]
                let halves =
                    switch line[colon.upperBound...] {
                    case "Pull complete", "Already exists": 2
                    case "Download complete", "Verifying Checksum": 1
                    default: 0
                    }
                layers[id] = max(halves, layers[id] ?? 0)
            }
            guard !layers.isEmpty else { return nil }
            let percent = layers.values.reduce(0, +) * 100 / (2 * layers.count)
            return "pulling \(layers.count) \(layers.count == 1 ? "layer" : "layers"), \(percent) %"
        }
    }
}

extension Substring {
    /// Whether it is the short ID of a layer.
    fileprivate var isLayer: Bool { utf8.count == 12 && utf8.allSatisfy { $0.isHexDigit } }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}
