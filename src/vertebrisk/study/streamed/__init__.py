"""The main job of patients that are read in pieces: from a protocol to its report."""
