import Foundation
import Synchronization

/// The echo of a terminal: whether it shows what is typed.
///
/// The former settings are kept for the whole program: if it exits in the middle of a question, the shell must echo
/// again.
enum Echo {
    private struct Saved: Sendable {
        let terminal: Int32
        let settings: termios
    }

    private static let saved = Mutex<Saved?>(nil)

    /// Echoes newlines only, until ``restore()``. Input that was typed earlier is discarded: it was not for this
    /// question.
    static func hide(on terminal: Int32) {
        saved.withLock { saved in
            var settings = termios()
            guard saved == nil, tcgetattr(terminal, &settings) == 0 else { return }
            saved = Saved(terminal: terminal, settings: settings)
            settings.c_lflag &= ~tcflag_t(ECHO)
            settings.c_lflag |= tcflag_t(ECHONL)
            tcsetattr(terminal, TCSAFLUSH, &settings)
        }
    }

    /// Restores the former settings; does nothing if they are in effect. From any thread.
    static func restore() {
        saved.withLock { saved in
            guard var settings = saved?.settings, let terminal = saved?.terminal else { return }
            tcsetattr(terminal, TCSAFLUSH, &settings)
            saved = nil
        }
    }
}
