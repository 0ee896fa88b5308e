@_exported import Propel
