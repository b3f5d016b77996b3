"""The join test: a simulated partner that misbehaves, and a node that must not mind.

Before a node exchanges real cases it is tried against everything that an exchange, a clock, a
mistake or an enemy can do to it: repeated, reordered, missing, forged, altered, oversized and
poisonous messages, keys that changed, expired or were taken back, versions it does not know, a
directory rolled back, and a partner that stays away for two weeks.

`stage` sets up an exchange, databases and a directory of its own and starts the node under test as
the process that it is in production. `partner` is the other end: it knows the node by its messages
alone. `probes` are what is tried, each in a conversation of its own. `run` puts them together; the
operator signs the result, and the directory marks the node (`infra.listing`).
"""
