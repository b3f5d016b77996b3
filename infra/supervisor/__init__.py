"""Runs the federation's processes on one machine: starts in order, watches, restarts, stops.

Three rings keep an orphan from surviving, whoever is killed and however:

1. `guardian` is the parent of the supervisor and the reaper of all that it starts. When the
   supervisor dies, for any reason, the guardian ends what is left, whatever its name.
2. Every process asks the kernel for a signal when its parent dies (`process.spawn`).
3. Every process carries the state folder's path in its environment (`process.MARKER`). A new `up`
   ends what an earlier system of the same state folder left, and nothing else.
"""
