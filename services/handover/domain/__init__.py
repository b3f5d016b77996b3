"""The pure heart of the handover: states, tables, guards, steps and days.

Nothing here reads a clock, a database or a message; the same input gives the same answer for ever.
"""
