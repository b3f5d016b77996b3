"""What each state of a handover asks of people, in plain words: for the page of help."""

from typing import NamedTuple

_US = "Ni"
_THEM = "De"
_NO_DAY = "Ingen dag satt"
_OVER = "Klart"
_TAKE_OVER_BY = "Inom {days} från acceptansen, eller från dagen ni kom överens om"


class Row(NamedTuple):
    """One state.

    Args:
        responsible: who answers for the person meanwhile.
        what: what happens next, and who does it.
        by: by when; `{days}` is our policy's time from acceptance to take-over.
    """

    responsible: str
    what: str
    by: str


SENDER: dict[str, Row] = {
    "draft": Row(
        _US, "Skriv klart steg 1–5. En kollega läser och skickar. Inget har lämnat er.", _NO_DAY
    ),
    "dropped": Row(_US, "Inget skickades. Ärendet är kvar hos er som förut.", _OVER),
    "proposed": Row(
        _US,
        "De läser och svarar. Arbeta på som vanligt. Svara på deras frågor.",
        "Dagen i förslaget. Utan svar efter en månad får ni ansöka hos IVO",
    ),
    "sending": Row(
        _US,
        "De har sagt ja och får underlaget. Ni ansvarar tills de har tagit över.",
        _TAKE_OVER_BY,
    ),
    "declined": Row(
        _US,
        "Läs deras skäl. Bestäm: behåll ärendet, eller ansök hos IVO.",
        "7 dagar efter deras nej. Efter 30 dagar får er gruppledare veta",
    ),
    "escalating": Row(_US, "Er ansökan till IVO är på väg. De bekräftar att den kom.", _NO_DAY),
    "disputed": Row(
        _US, "IVO beslutar. Ni kan komma överens under tiden. Arbeta på som vanligt.", _NO_DAY
    ),
    "ordering": Row(
        _US,
        "IVO har sagt att de är ansvariga. Arbeta på tills de har tagit över.",
        "Inom {days} från att beslutet registrerades",
    ),
    "withdrawing": Row(
        _US, "Ni har bett att få tillbaka ärendet. Deras svar avgör, och båda ser samma.", _NO_DAY
    ),
    "withdrawn": Row(_US, "Ärendet är kvar hos er. Det de fick är raderat.", _OVER),
    "kept": Row(_US, "Ni behåller ärendet. De får veta det.", _OVER),
    "completed": Row(_THEM, "De har tagit över. Ert ärende går att läsa, inte ändra.", _OVER),
}

RECEIVER: dict[str, Row] = {
    "received": Row(
        _THEM,
        "Läs förslaget. Fråga om något är oklart. Acceptera, eller neka med skäl.",
        "Dagen i förslaget. Efter en månad utan svar får de ansöka hos IVO",
    ),
    "accepted": Row(
        _THEM,
        "Läs underlaget, boka ett första möte och ta över. Annars: lämna tillbaka.",
        _TAKE_OVER_BY,
    ),
    "declined": Row(
        _THEM,
        "De väljer att behålla ärendet eller ansöka hos IVO.",
        "En månad. Sedan ser bara den som svarar i tvister förslaget",
    ),
    "returned": Row(
        _THEM,
        "Ni lämnade tillbaka ärendet. De väljer att behålla det eller ansöka hos IVO.",
        "En månad. Sedan ser bara den som svarar i tvister förslaget",
    ),
    "disputed": Row(_THEM, "IVO beslutar. Ni kan när som helst gå med på att ta över.", _NO_DAY),
    "agreed": Row(_THEM, "Läs underlaget, boka ett första möte och ta över.", _TAKE_OVER_BY),
    "ordered": Row(
        _THEM,
        "IVO har sagt att ni är ansvariga. Gå med på att ta över, och ta över.",
        "Inom {days} från att beslutet registrerades",
    ),
    "closed": Row(_THEM, "De behåller ärendet. Det ni fick är raderat.", _OVER),
    "cancelled": Row(_THEM, "De har tagit tillbaka förslaget. Det ni fick är raderat.", _OVER),
    "taken_over": Row(_US, "Ärendet är ert. Det finns bland era ärenden.", _OVER),
}
