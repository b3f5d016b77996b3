"""What happens next in a dispute, said to each end in each state, and by when."""

from datetime import date, timedelta

APPEAL_DAYS = 21
"""Three weeks from the day of IVO's decision (domain 2.1); IVO tells neither appeal nor finality."""

_AFTER_IVO = (
    "IVO:s beslut kan överklagas inom tre veckor hos Förvaltningsrätten i Karlstad. "
    "IVO meddelar inte om det har överklagats eller fått laga kraft: fråga förvaltningsrätten."
)

NEXT: dict[tuple[str, str], tuple[str, ...]] = {
    ("sender", "proposed"): (
        "En månad har gått utan svar. Ni kan ansöka hos IVO, eller vänta på svaret.",
        "Ingenting händer av sig självt.",
    ),
    ("sender", "declined"): (
        "Ni kan behålla ärendet, eller ansöka hos IVO om att det flyttas över.",
        "Det finns ingen sista dag för ansökan, men ni ansvarar tills saken är avgjord.",
    ),
    ("sender", "escalating"): (
        "{other} får veta att ni har ansökt. Lämna in ansökan till IVO om det inte är gjort.",
    ),
    ("sender", "disputed"): (
        "IVO beslutar, oftast inom tre månader.",
        (
            "Ni kan komma överens under tiden: {other} kan gå med på att ta över, "
            "eller ni kan ta tillbaka ärendet."
        ),
        _AFTER_IVO,
        "Registrera beslutet när det har fått laga kraft.",
    ),
    ("sender", "ordering"): (
        "{other} ska säga vilken dag de tar över. Då skickas underlaget av sig självt.",
        "Ni ansvarar och arbetar vidare tills de har tagit över.",
    ),
    ("sender", "sending"): ("Underlaget är skickat. Ni ansvarar tills {other} har tagit över.",),
    ("sender", "kept"): ("Ärendet stannar hos er. {other} raderar personuppgifterna.",),
    ("sender", "completed"): ("{other} har tagit över. Tvisten är slut.",),
    ("receiver", "declined"): (
        "{other} ansvarar. De kan behålla ärendet, eller ansöka hos IVO.",
        "Om de ansöker får ni veta det här.",
    ),
    ("receiver", "returned"): (
        "{other} ansvarar. De kan behålla ärendet, eller ansöka hos IVO.",
        "Underlaget är raderat hos er.",
    ),
    ("receiver", "disputed"): (
        "IVO beslutar, oftast inom tre månader, och kan fråga er innan dess.",
        "Ni kan komma överens under tiden: gå med på att ta över, om ni har ändrat er.",
        _AFTER_IVO,
        "{other} registrerar beslutet när det har fått laga kraft, och ni får det här.",
    ),
    ("receiver", "ordered"): (
        "Säg vilken dag ni tar över. Då skickar {other} underlaget.",
        "{other} ansvarar tills ni har tagit över.",
    ),
    ("receiver", "agreed"): ("{other} skickar underlaget. De ansvarar tills ni har tagit över.",),
    ("receiver", "accepted"): ("Ni hade redan accepterat när {other} ansökte. Ert svar gäller.",),
    ("receiver", "closed"): ("Ärendet stannar hos {other}. Personuppgifterna är raderade hos er.",),
    ("receiver", "taken_over"): ("Ni har tagit över. Tvisten är slut.",),
}
_OVER = ("Överlämningen är avslutad.",)


def what_next(side: str, state: str, other: str) -> list[str]:
    """The sentences for one end, in the order that they matter."""
    return [each.format(other=other) for each in NEXT.get((side, state), _OVER)]


def appeal_ends_on(decided_on: date) -> date:
    """The last day to appeal a decision of that day, where nobody's case is special."""
    return decided_on + timedelta(days=APPEAL_DAYS)
