import Propel

extension WaveDecision {
    /// The fate of the changes of a run that is no longer followed.
    var fate: String {
        let limit = WaveDelivery.limit.inWords
        switch self {
        case .stay:
            return "the changes of its wave stay: it keeps its own if it was told that, and puts them back within "
                + "\(limit) otherwise"
        case .open, .promise, .putBack:
            return "it puts back what it has changed, \(limit) after it is done at the latest"
        }
    }

    /// The advice once such a run has ended.
    var remedy: String {
        self == .stay ? "Deploy it again if it went back." : "Then deploy the hosts of its wave together again."
    }
}
