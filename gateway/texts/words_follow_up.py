"""Follow-up at home in Swedish: refusals, cards, what the log says, and codes in words."""

SENTENCES = {
    "follow_up.no_agreement": "Kommunen har ingen känd samverkansöverenskommelse att följa upp. Den läggs in i kommunens policy.",
    "follow_up.open_already": "En gemensam uppföljning pågår redan. Underteckna den först.",
    "follow_up.year_wrong": "Året {year} går inte att följa upp: det har inte börjat, eller ligger före överenskommelsen.",
    "law_change.what_missing": "Skriv vilken lag och vilket lagrum som har ändrats.",
    "minutes.development_missing": "Skriv vad som ska bli bättre, eller att inget behöver ändras.",
    "minutes.held_in_future": "Mötet ligger i framtiden. Protokollet undertecknas när det har hållits.",
    "minutes.incomplete": "Välj om åtagandet är uppfyllt.",
    "minutes.law_missing": "En lagändring ska följas upp. Skriv vad den betyder för överenskommelsen.",
    "minutes.not_held": "Skriv vilken dag mötet hölls.",
    "minutes.not_signer": "Du får inte underteckna. För kommunen gör {roles} det, för polisen den enhet som är part.",
    "minutes.party_has_signed": "Din part har redan undertecknat den här texten.",
    "minutes.reasons_missing": "Skriv varför åtagandet inte är helt uppfyllt.",
    "minutes.same_person": "Samma person kan inte underteckna för båda parter.",
    "minutes.sealed": "Protokollet är undertecknat av båda parter och kan inte ändras.",
    "minutes.unknown_obligation": "Åtagandet finns inte i överenskommelsen.",
}

CARDS = {
    "follow_up.soon": "Överenskommelsen med polisen ska snart följas upp gemensamt",
    "follow_up.overdue": "Den gemensamma uppföljningen av överenskommelsen med polisen är försenad",
}

EVENTS = {
    "follow_up.read": "Läste hur överenskommelsen följs upp",
    "follow_up.opened": "Började en gemensam uppföljning",
    "follow_up.minutes_read": "Läste ett uppföljningsprotokoll",
    "follow_up.minutes_written": "Skrev i ett uppföljningsprotokoll",
    "follow_up.signed": "Undertecknade ett uppföljningsprotokoll",
    "follow_up.sealed": "Ett uppföljningsprotokoll undertecknat av båda parter",
    "follow_up.law_change_recorded": "Antecknade en lagändring",
    "follow_up.reminded": "Påminde om uppföljning av överenskommelsen",
}

WORDS = {
    "obligation_outcome": {
        "met": "Uppfyllt",
        "partly": "Delvis uppfyllt",
        "not_met": "Inte uppfyllt",
    },
    "agreement_party": {"municipality": "Kommunen", "police": "Polisen"},
    "follow_up_occasion": {"yearly": "Årlig uppföljning", "law_change": "Lagen har ändrats"},
}
