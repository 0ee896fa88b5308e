// A file that declares properties also needs the model: Host, Role, FilePath.
@_exported import Propel
