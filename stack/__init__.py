"""The local target: a real gateway on this machine, on loopback, from Debian's packages (design.md, "The local target")."""
