import Foundation
import Synchronization

/// Whether a terminal shows what is typed.
///
/// What it was is kept for the whole program: one that is left in the middle of a question must not leave a shell behind that
/// shows nothing.
enum Echo {
    private struct Saved: Sendable {
        let terminal: Int32
        let settings: termios
    }

    private static let saved = Mutex<Saved?>(nil)

    /// Shows only the ends of lines, until ``restore()``. What was typed before is thrown away: it was meant for something else.
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

    /// Makes the terminal what it was; harmless where nothing is hidden. From any thread.
    static func restore() {
        saved.withLock { saved in
            guard var settings = saved?.settings, let terminal = saved?.terminal else { return }
            tcsetattr(terminal, TCSAFLUSH, &settings)
            saved = nil
        }
    }
}
