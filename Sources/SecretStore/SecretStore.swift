import CGPGME
import Propel

