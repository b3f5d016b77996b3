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

REPORT_SECTIONS = {
    "summary": "1. Sammanfattning och förslag till beslut",
    "background": "2. Bakgrund och överenskommelse",
    "areas": "3. Handlingsplanens områden",
    "exit_work": "4. Avhopparverksamheten i tal",
    "obligations": "5. Parternas åtaganden",
    "pledge": "6. Medborgarlöften",
    "security": "7. Säkerhet",
    "competence": "8. Kompetens",
    "law": "9. Lagändringar och policy",
    "development": "10. Samlad bedömning och utvecklingsområden",
    "send_list": "11. Sändlista",
}
REPORT_TEXTS = REPORT_SECTIONS | {
    "summary": "1. Sammanfattning",
    "proposal": "1. Förslag till beslut",
    "send_list": "11. Sändlista, en mottagare på varje rad",
}
"""What stands beside each free text in the form."""
SENTENCES |= {
    "report.decision_missing": "Skriv kommunstyrelsens beslut: dag och paragraf.",
    "report.event_not_allowed": "Det går inte i rapportens nuvarande läge.",
    "report.few_persons": "En text nämner färre än fem personer. Skicka tillbaka rapporten till utkast och skriv om: någon kan kännas igen.",
    "report.figures_unsafe": "Tal i rapporten kan peka ut någon ({figures} stycken). Rapporten kan inte publiceras med dem: kontakta systemets förvaltare.",
    "report.names_person": "En text pekar ut någon: den innehåller ett personnummer eller ett kodnamn. Skicka tillbaka rapporten till utkast.",
    "report.not_counted": "Talen är inte räknade än. De räknas en enda gång, i januari när året är slut.",
    "report.party_has_signed": "Din part har redan undertecknat.",
    "report.role_may_not": "Din roll får inte göra det i rapportens nuvarande läge.",
    "report.same_person": "En annan person behöver göra det: ingen gör båda stegen.",
    "report.section_unknown": "Avsnittet finns inte i rapporten.",
    "report.summary_missing": "Skriv sammanfattningen och förslaget till beslut först.",
    "report.year_exists": "Årets rapport finns redan.",
    "report.year_wrong": "Året {year} går inte att rapportera.",
}
EVENTS |= {
    "report.listed": "Läste listan över årsrapporter",
    "report.opened": "Började en årsrapport",
    "report.read": "Läste en årsrapport",
    "report.moved": "Tog ett steg med en årsrapport",
    "report.counted": "Räknade årets tal till årsrapporten",
}
WORDS |= {
    "report_state": {
        "DRAFT": "Utkast",
        "PARTY_REVIEW": "Granskas av parterna",
        "DISCLOSURE_CHECK": "Röjandekontroll",
        "KS": "Hos kommunstyrelsen",
        "PUBLISHED": "Publicerad",
    },
    "report_event": {
        "write": "Skrev i texten",
        "submit": "Skickade till parterna",
        "sign": "Undertecknade",
        "pass_check": "Godkände röjandekontrollen",
        "publish": "Publicerade",
        "send_back": "Skickade tillbaka till utkast",
    },
}
