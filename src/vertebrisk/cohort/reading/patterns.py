"""White space and numbers, as the readers understand them."""

from __future__ import annotations

WHITE = " \t\r\n\f\v\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff"
NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?$"
COMMA_NUMBER = r"^[+-]?[0-9]+,[0-9]+$"
POINT_NUMBER = r"^[+-]?[0-9]*\.[0-9]+$"
