"""Samples of the review after a relapse: just opened, proposed, decided, and never made."""

from types import SimpleNamespace as Thing

from services.cases.domain.relapse import Hearing, Proposal, RelapseReview, Retried
from tests.support.page_samples_programme import NOW, TEXT, TODAY, A, uid


def _review(**changes):
    given = {
        "review_id": uid(400),
        "suspicion": "CRIME",
        "source": "REGISTER_CHECK",
        "text": TEXT,
        "opened_at": NOW,
        "opened_by": A,
        "hearings": (),
        "retried": (),
        "proposal": None,
        "outcome": None,
        "decided": "",
        "ended_at": None,
        "ended_by": None,
    }
    return RelapseReview(**{**given, **changes})


_PROPOSED = _review(
    hearings=(
        Hearing(TODAY, False, "Det stämmer inte.", NOW, A),
        Hearing(TODAY, True, "Tillfrågad i telefon.", NOW, A),
    ),
    retried=(Retried(uid(200), "CHANGED", "Tätare träffar.", NOW, A),),
    proposal=Proposal(
        uid(401),
        "EXCLUDED_RELAPSE",
        ("no_crime",),
        TEXT,
        "Bor kvar, ny kontaktperson.",
        NOW,
        A,
        None,
        None,
    ),
)


def _page(case, review, reviews, **changes):
    view = {
        "reviews": reviews,
        "has_rule": True,
        "takes_two": True,
        "is_police_wanted": True,
        "police": None,
        "is_refused_by_police": False,
        "document": "Samverkansöverenskommelse 2022",
        "section": "Målgrupp",
        "verified": False,
        **changes,
    }
    return (
        "case/relapse.html",
        case
        | {
            "view": Thing(**view),
            "review": review,
            "steps": [{"text": "Hör personen", "href": "#"}, {"text": "Fortsätt", "href": "#"}],
            "left": ["Polisen ska bedöma hotet på nytt", "En andra person ska bekräfta förslaget"],
            "aids": [
                {"text": "Råd och stöd, 22 nov. 2026", "href": "#", "retry": None},
                {
                    "text": "Akut boende, 22 nov. 2026",
                    "href": None,
                    "retry": review.retried[0] if review and review.retried else None,
                },
            ],
            "letters": {uid(402): "#"},
            "told": {uid(402): "#"},
        },
    )


def relapse_samples(case):
    """What the page is drawn from.

    Args:
        case: what every page of a case has.
    """
    done = {"outcome": "EXCLUDED", "decided": TEXT, "ended_at": NOW, "ended_by": A}
    excluded = _review(review_id=uid(402), **done)
    continued = _review(review_id=uid(403), **{**done, "outcome": "CONTINUED"})
    left = _review(outcome="ENDED_OTHERWISE", ended_at=NOW, ended_by=A)
    return {
        "case-relapse": _page(case, _review(), (_review(), continued)),
        "case-relapse-proposed": _page(
            case, _PROPOSED, (_PROPOSED,), police="NOT_AGREED", is_refused_by_police=True
        ),
        "case-relapse-no-rule": _page(case, _review(), (_review(),), has_rule=False),
        "case-relapse-decided": _page(case, None, (excluded, continued)),
        "case-relapse-left": _page(case, None, (left,)),
        "case-relapse-none": _page(case, None, ()),
    }
