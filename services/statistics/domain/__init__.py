"""Pure rules of the national statistics: periods, indicators, tables, shares, sets, orders."""
