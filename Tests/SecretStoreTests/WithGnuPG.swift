import Testing

/// Tests that call GnuPG run one after the other: the calls block, and on two cores two of them would leave no thread
/// for any other test.
@Suite(.serialized) struct WithGnuPG {}
