import Propel
