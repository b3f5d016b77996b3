"""Set-up: what a clone needs before any command can run.

Everything made lies in `.utvag/` beside the script: `venv/` (Python packages, pinned by hash),
`servers/` (Keycloak; PostgreSQL, NATS and Java come as wheels in `venv/`), `assets/` (what the
browser gets), `cache/` (what was fetched and may be needed again), `stamps/` (what is finished,
each with the digest of the pins it was made from) and `log/setup.log`.

Invariants:
- A stamp is written last. What has no stamp is half-made and is checked or made anew.
- One set-up at a time: `.utvag/lock` is held, also by the programs that set-up starts, so that a
  killed set-up's orphan cannot write into what the next one makes.
- Nothing but the standard library is imported here, for this runs before any package is there.
- With everything stamped nothing is fetched: later calls work with the network off.
"""
