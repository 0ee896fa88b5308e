/// Programs and environments of Python.
public enum Python {}
