// Whoever declares properties speaks of the model too: Host, Role, FilePath.
@_exported import Propel
