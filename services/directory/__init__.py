"""The directory: who is in the federation, by which keys they are known, and what they publish.

What it owns: the list of authorities with their keys, profiles and published policies; what people
of this node have established themselves about a key (a telephone call, a meeting).

**Who vouches for what.** Three signatures, so that no single one is enough:

- An authority states its keys. Each statement is signed by a key of the one before it and names its
  hash: a chain from the first key to the one in use. It signs its profile with the same keys.
- The operator signs a list: each authority by the hash of its entry, in one version of the whole.
  It can leave out, pause and revoke, all of which shows. It cannot put a key under another's name:
  the chain would break, and every node refuses the list.
- A person confirms an authority's fingerprint by telephone before the first proposal goes there: a
  first key has nothing before it that could vouch.

When an authority has lost all its keys, its next statement has nobody to vouch for it. A node then
accepts it only after two persons of its own have recorded a meeting at which the key was compared.

**Invariants** (`domain.rules.accept`): the operator's first key is pinned at set-up and is never
replaced by a message; versions never go back, nor do statements or profiles; one version is one
list; nobody vanishes, an authority that leaves stays as `removed`; who has no keys runs no node;
a municipality does not become the police. All of it is checked at every load, also of what lies in
the node's own database.

**Judged when?** A key that has expired is judged by the day of signing, a revoked one by now.

**States of an entry**: active → paused → active; active or paused → removed, which is for ever.
The removal is signed by the authority itself or by the national coordination.

**Distribution.** The first directory comes as a file with the set-up. Later lists are messages of
kind `directory` from 9000 and carry the entries that changed: a hybrid sealing key is 1.6 kB of
text, and 300 authorities whole would not fit a message. A list in the node's file is taken in by
the same rules while the node runs. What changes makes cards: who joined, paused, left, took a key
back; which keys end within two months; which list was refused.

**Leaving** in order asks every other node by the message `leaving`: the receipt is its signed word
that nothing is open between the two. **Joining** ends with the join test: before the operator has
signed that a node passed, no real case goes there or comes from there.

What it does not do: it draws no keys and keeps no private ones (`shared.crypto.KeyRing`), it makes
no connection, and it knows nothing of cases. It does not say who may propose to whom beyond "runs a
node, is active, was confirmed".
"""
