import Propel
import Testing

extension Answer {
    /// This run did what a plan said.
    func expectDone(as plan: Answer) throws {
        let planned = try plan.statuses, done = try statuses
        #expect(Set(planned.keys) == Set(done.keys))
        for (path, prediction) in planned {
            switch prediction {
            case .ok: #expect(done[path] == .ok, "\(path) was planned to be ok")
            case .wouldChange: #expect(done[path] == .changed, "\(path) was planned to change")
            case .unknown: #expect(done[path] == .ok || done[path] == .changed, "\(path) could not be told")
            default: Issue.record("\(path) was planned as \(prediction)")
            }
        }
        let changes = try properties.filter { $0.status == .changed }
        for change in changes { #expect(try plan.properties.first { $0.path == change.path }?.status != .ok) }
    }
}
