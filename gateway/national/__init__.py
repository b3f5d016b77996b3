"""How the nation's figures are shown: findings in words, charts, tables, files, the yearly report.

All of it is made from released content alone (`services.statistics.api.Release`), so nothing here
could show what disclosure control has kept back.
"""
