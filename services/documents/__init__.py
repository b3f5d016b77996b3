"""Documents: the files of a case, kept closed, opened only by who may see the case.

What it owns. A *document* is one file that somebody put into a case: what kind of information it
holds (its *section*, one of the case's own), a title in words, the day it came, and the content.
Title and content are sealed under the case's key, the content in pieces of 256 KiB, so that
destroying that key erases them wherever copies lie. The file's own name is not kept: names of files
tell of persons.

What it judges. What a file is, is read from its first bytes, never from its name or from what the
browser says: PDF, PNG, JPEG or plain text. Programs are refused by name, everything else as unknown;
what is refused is refused while it comes, the limit of 25 MiB (26,214,400 bytes) too.

Invariants.

- A document is whole or not there: nothing is stored before the last byte has come and been judged.
- What is handed out has the SHA-256 that was kept when it came; anything else is refused
  (`document.spoiled`).
- Rows are seen by the case's members alone (row security, migration 0009), and written under the
  case's term (`app_fence`). Nobody may change or remove one through the pages.

What it deliberately does not do: decide who may add or open (cases), what may travel (the one
projection in cases), send anything (handover), write letters
(`shared/pdf.py` sets them).
"""
