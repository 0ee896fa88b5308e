// The C library of the system: Glibc natively, Musl with the static Linux SDK. What the two import differently is made
// the same here, so that no other file needs a condition.
#if canImport(Glibc)
@_exported public import Glibc

/// RUSAGE_SELF, as getrusage(2) takes it.
public let rusageSelf = __rusage_who_t(RUSAGE_SELF.rawValue)

/// A thread that pthread_create(3) has not filled in yet.
public typealias UnstartedThread = pthread_t
public func unstartedThread() -> UnstartedThread { pthread_t() }

/// Finds the first match of a regular expression in a string from an offset on. What is before the offset is context.
/// - Parameter matches: what is found, as offsets in the string: the match and its groups (regexec(3)).
public func search(
    _ regex: UnsafePointer<regex_t>, _ string: UnsafePointer<CChar>, from offset: Int, to end: Int,
    _ matches: UnsafeMutableBufferPointer<regmatch_t>
) -> Bool {
    guard let first = matches.baseAddress else { return false }
    first.pointee = regmatch_t(rm_so: regoff_t(offset), rm_eo: regoff_t(end))
    return regexec(regex, string, matches.count, first, REG_STARTEND) == 0
}
#else
@_exported public import Musl

/// RUSAGE_SELF, as getrusage(2) takes it.
public let rusageSelf = RUSAGE_SELF

/// A thread that pthread_create(3) has not filled in yet.
public typealias UnstartedThread = pthread_t?
public func unstartedThread() -> UnstartedThread { nil }

/// Finds the first match of a regular expression in a string from an offset on. Musl has no `REG_STARTEND`: to `\b` the
/// offset is the beginning of a word.
/// - Parameter matches: what is found, as offsets in the string: the match and its groups (regexec(3)).
public func search(
    _ regex: UnsafePointer<regex_t>, _ string: UnsafePointer<CChar>, from offset: Int, to end: Int,
    _ matches: UnsafeMutableBufferPointer<regmatch_t>
) -> Bool {
    let flags = offset == 0 ? 0 : REG_NOTBOL
    guard regexec(regex, string + offset, matches.count, matches.baseAddress, flags) == 0 else { return false }
    for index in matches.indices where matches[index].rm_so >= 0 {
        matches[index].rm_so += regoff_t(offset)
        matches[index].rm_eo += regoff_t(offset)
    }
    return true
}
#endif
