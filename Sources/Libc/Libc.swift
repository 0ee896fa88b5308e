// The C library of the system: Glibc natively, Musl with the static Linux SDK. What the two import differently is made
// the same here, so that no other file needs a condition.
#if canImport(Glibc)
@_exported public import Glibc

/// RUSAGE_SELF, as getrusage(2) takes it.
public let rusageSelf = __rusage_who_t(RUSAGE_SELF.rawValue)

/// A thread that pthread_create(3) has not filled in yet.
public typealias UnstartedThread = pthread_t
public func unstartedThread() -> UnstartedThread { pthread_t() }
#else
@_exported public import Musl

/// RUSAGE_SELF, as getrusage(2) takes it.
public let rusageSelf = RUSAGE_SELF

/// A thread that pthread_create(3) has not filled in yet.
public typealias UnstartedThread = pthread_t?
public func unstartedThread() -> UnstartedThread { nil }
#endif
