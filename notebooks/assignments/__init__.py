"""The assignments (see README.md in this folder), found by `nst_numpy.classroom.assignments`."""
