import Synchronization

/// The progress of `docker pull`, which tells off a terminal when a layer is downloaded and unpacked, and no bytes.
///
///     3c3a4604a545: Pulling fs layer
///     3c3a4604a545: Download complete
///     3c3a4604a545: Pull complete
final class PullProgress: Sendable {
    /// How many halves of each layer are done, by their IDs: one when it is downloaded, two when it is unpacked.
    private let layers = Mutex<[String: Int]>([:])

    /// “pulling 7 layers, 42 %”; nil if no layer is known yet.
    /// - Parameter output: the end of docker's output. Only its end: what was seen before is remembered.
    func words(after output: String) -> String? {
        layers.withLock { layers in
            for line in output.lines {
                guard let colon = line.firstRange(of: ": ") else { continue }
                let id = String(line[..<colon.lowerBound])
                guard Self.isLayer(id) else { continue }
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

    /// Whether a word is the short ID of a layer.
    private static func isLayer(_ word: String) -> Bool {
        word.utf8.count == 12 && word.utf8.allSatisfy(\.isLowercaseHexadecimalDigit)
    }
}
