"""The tables of a page as LaTeX source for XeLaTeX or LuaLaTeX."""
