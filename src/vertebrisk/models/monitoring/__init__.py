"""A model watched over calendar time: has it drifted?"""
