"""Can the printed numbers of a paper be true together?"""
