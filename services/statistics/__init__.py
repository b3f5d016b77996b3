"""The nation's numbers without anybody's small ones.

**Owns** the fixed set of indicators, what a municipality has counted and sent, what a collector has
received, what the coordinator has ordered, added and released.

**The way of a half-year.** Each node counts one vector of fixed length, zeros included, splits it
once into two random shares modulo 2^64 and sends one to each of two collectors, run by different
bodies. The coordinator closes the half-year; the collectors freeze and exchange who contributed; one
signed order names the set, for ever; each collector adds the shares of exactly that set; the
coordinator adds the two sums. Nobody has seen a municipality's numbers but itself.

**Invariants.**

- A vector is split once. What is sent again is the same bytes.
- There is one set for each half-year: the nation, and county groups of at least five municipalities
  of that set. What is left over is nothing or at least five. No two sums differ by one municipality.
- Whoever is not in the set is told so, and counts the same events in the next half-year.
- Totals that cannot be true stop the release.
- Only fixed tables exist (`domain/table.py`); each is frozen once released, and nothing is shown
  that disclosure control has not let through.

**Deliberately not here:** what a municipality sees of its own work (follow-up), research data, and
any way from a figure down to a municipality or a person.
"""
