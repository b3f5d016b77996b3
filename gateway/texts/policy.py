"""Policy in words: each rule's name, each value as a Swedish phrase."""

from typing import Any

RULES = {
    "intake.urgency": "Hur snabbt kommunen agerar",
    "intake.anonymous_contact": "Kontakt utan att säga vem man är",
    "intake.first_contact_working_days": "Arbetsdagar till första svaret",
    "intake.preliminary_days_child": "Dagar för förhandsbedömning av barn",
    "intake.safety_check": "Omedelbar skyddsbedömning",
    "intake.concern_competence": "Kompetens för att bedöma en anmälan om oro",
    "intake.concern.safety_check": "Oroskedja: omedelbar skyddsbedömning",
    "intake.concern.extremism_coordinator": "Oroskedja: samordnaren mot våldsbejakande extremism",
    "intake.concern.police": "Oroskedja: polisen",
    "intake.concern.guardians": "Oroskedja: vårdnadshavare",
    "intake.concern.reporter": "Oroskedja: den som anmälde",
    "cases.entry.target_group": "Målgrupp",
    "cases.entry.threat": "Krav på hotbild",
    "cases.entry.protection_need": "Skyddsbehov",
    "cases.entry.extremism_included": "Omfattar våldsbejakande extremism",
    "cases.entry.age": "Åldersgräns",
    "cases.entry.residence": "Tillhörighet",
    "cases.entry.motivation": "Motivation",
    "cases.entry.consent": "Samtycke till informationsutbyte",
    "cases.entry.agreement": "Undertecknad överenskommelse",
    "cases.entry.decided_by": "Vem som bedömer inträde",
    "cases.entry.interpretation": "Tolkning när reglerna lämnar utrymme",
    "cases.entry.victims_included": "Omfattar brottsoffer",
    "cases.consent.default_days": "Samtycke gäller om inget annat väljs, dagar",
    "cases.consent.max_days": "Samtycke gäller längst, dagar",
    "cases.consent.warn_days_before": "Påminnelse före samtyckets slut, dagar",
    "cases.work.need_sections": "Behovsområden",
    "cases.work.handler_suitability": "Handläggarens lämplighet",
    "cases.work.relapse": "Återfall",
    "cases.work.follow_up_months": "Uppföljning av ärendet minst var, månader",
    "cases.work.follow_up_report": "Uppföljning av arbetet",
    "cases.work.retention": "Gallring eller bevarande",
    "cases.work.retention_years": "År från sista anteckningen",
    "cases.governance.organisation_home": "Var arbetet görs",
    "cases.governance.strategic_owner": "Vem som ansvarar strategiskt",
    "cases.governance.governing_documents": "Styrande dokument",
    "protection.unit_by_level": "Vem i polisen som ansvarar efter hotnivå",
    "protection.long_term_protection": "Långsiktigt skydd",
    "protection.register_checks": "Registerslagningar",
    "protection.review_days": "Längst till nästa hotbedömning, dagar",
    "protection.answer_threat_days": "Svar från polisen önskas inom, dagar",
    "protection.placement_answer_at": "Polisens svar om placering krävs vid",
    "protection.reveal_minutes": "Visad adress stängs efter, minuter",
    "protection.break_glass_minutes": "Nödöppning varar, minuter",
    "protection.break_glass_review_working_days": "Nödöppning granskas inom, arbetsdagar",
    "handover.answer_within": "Svar på överlämning önskas inom",
    "handover.remind_days_before": "Påminnelse före svarsdagen, dagar",
    "handover.receiving_function": "Mottagande funktion",
    "handover.open_within_days": "Accepterat ärende öppnas inom, dagar",
    "handover.first_meeting_days": "Första mötet inom, dagar",
    "handover.works_until_taken_over": "Samverkan tills ärendet är överlämnat",
    "handover.sends": "Föreslås i överlämningen",
    "staff.on_call": "Jour",
    "staff.demands.case_worker": "Krav på den som är handläggare",
    "staff.confirm_alarm_working_days": "Höjd hotnivå läses inom, arbetsdagar",
    "follow_up.agreement": "Samverkansöverenskommelse med polisen",
    "follow_up.obligations": "Parternas åtaganden",
    "follow_up.signed_by": "Undertecknar uppföljningen för kommunen",
    "follow_up.joint_follow_up": "Gemensam uppföljning av överenskommelsen",
    "follow_up.law_change": "Uppföljning när lagen ändras",
    "follow_up.remind_days_before": "Påminnelse före uppföljningen, dagar",
    "follow_up.report_drafted_by": "Skriver årsrapporten",
    "follow_up.report_approved_by": "Godkänner årsrapporten",
    "follow_up.plan_kept_by": "Skriver i handlingsplanen",
}

DECISIONS = {
    "investigation.open": "inleda utredning",
    "investigation.not_open": "inte inleda utredning",
    "case.assign": "utse handläggare",
    "case.close": "avsluta ärendet",
    "residence.find": "fastställa tillhörighet",
    "entry.assess": "gemensam bedömning",
    "entry.refuse": "neka inträde i programmet",
    "exclusion.decide": "uteslutning ur programmet",
    "aid.counselling": "råd, stöd och kontaktperson",
    "aid.emergency_housing": "akut boende",
    "aid.protected_housing": "skyddat boende",
    "aid.financial_within_norm": "försörjningsstöd inom normen",
    "aid.financial_above_norm": "försörjningsstöd över normen",
    "aid.refuse": "avslag eller upphörande av bistånd",
    "care.apply": "ansökan om vård enligt LVU",
    "care.immediate": "omedelbart omhändertagande enligt LVU",
    "handover.propose": "föreslå överlämning",
    "handover.recall": "ta tillbaka en överlämning",
    "handover.answer": "besvara en överlämning",
    "handover.return": "lämna tillbaka en överlämning",
    "handover.take_over": "ta över ett ärende",
    "handover.keep": "behålla ärendet efter ett nej",
    "handover.dispute": "ansöka om överflyttning hos IVO",
    "handover.agree": "gå med på överlämning efter tvist",
    "handover.ruling": "registrera IVO:s beslut",
    "handover.appeal": "överklaga IVO:s beslut",
    "disclosure.decide": "lämna ut uppgift eller handling",
    "vault.reveal": "visa skyddade uppgifter",
    "break_glass.review": "granska nödöppning",
    "file.export": "skriva ut eller exportera akten",
    "protection.lower": "sänka skyddet",
    "purge.decide": "gallra eller bevara",
    "policy.change": "ändra policy",
}

VALUES = {
    "always": "alltid",
    "under_18": "om personen är under 18 år",
    "own_task": "nämndens egen verksamhet",
    "secrecy.consent": "samtycke",
    "secrecy.necessary": "nödvändigt för den egna verksamheten",
    "secrecy.statutory_duty": "skyldighet enligt lag",
    "guardians.insight": "vårdnadshavares insyn",
    "reporter.feedback": "återkoppling till den som är skyldig att anmäla om barn",
    "threat_conversation": "samtal om hot och risk",
    "exit_work": "avhopparverksamhet",
    "special_suitability": "särskild lämplighet",
    "radicalisation": "radikalisering och våldsbejakande extremism",
    "not_stated": "anges inte",
    "stated": "står i dokumentet",
    "without_delay": "utan dröjsmål",
    "phone_line": "telefonlinje",
    "organised_crime": "den som lämnar kriminell gruppering, nätverk eller organiserad brottslighet",
    "all_crime_and_extremism": "alla som vill lämna kriminalitet och kriminella eller våldsbejakande grupperingar",
    "no_limit": "ingen åldersgräns",
    "from_age": "från",
    "belongs": "ärendet ska tillhöra kommunen",
    "registered": "folkbokförd här",
    "nights_rest": "huvudsaklig dygnsvila",
    "strongest_connection": "starkast anknytning",
    "required": "krävs",
    "not_required": "krävs inte",
    "condition": "villkor",
    "consideration": "vägs in, inget villkor",
    "required_cooperative_and_suitable": "krävs; samarbetsvillig och lämplig",
    "weighed_from_others": "vägs samman av andras bedömningar",
    "required_at_start": "krävs från början",
    "asked_when_measures": "frågas när insatser blir aktuella",
    "signed": "undertecknas",
    "joint_with_police": "kommunen och polisen gemensamt",
    "municipality_with_regard_to_others": "kommunen, med särskild hänsyn till andra",
    "national_definitions": "följer nationella definitioner",
    "favours_the_individual": "till den enskildes fördel",
    "not_regulated": "inte reglerat",
    "special_suitability_required": "särskild lämplighet krävs",
    "conditions_in_agreement": "enligt villkoren i överenskommelsen",
    "yearly_joint_and_to_board": "varje år gemensamt, och till kommunstyrelsen",
    "as_guideline_says": "enligt riktlinjen",
    "purge": "gallras",
    "archive_sample": "ett urval bevaras",
    "archive_all": "allt bevaras",
    "police_protection_unit": "Bops",
    "local_police_area": "lokalpolisområdet",
    "after_police_release": "kommunen, när polisen släpper det akuta skyddet",
    "long_term_endurance": "långsiktig uthållighet utlovas",
    "on_request": "på begäran",
    "calendar_days": "dagar",
    "working_days": "arbetsdagar",
    "one_month": "en månad",
    "same_day": "samma dag",
    "next_day": "nästa dag",
    "housing": "boende",
    "economy": "ekonomi",
    "occupation": "sysselsättning",
    "health_care": "hälso- och sjukvård",
    "addiction": "missbruk och beroende",
    "family": "familj och nätverk",
    "safety": "trygghet och säkerhet",
    "decisions": "gällande beslut",
    "plan": "plan",
    "needs_summary": "sammanfattning av behov",
    "consents": "samtycken",
    "chain": "ansvarskedja",
    "HIGH": "hög hotnivå",
    "MEDIUM": "medelhög hotnivå",
    "LOW": "låg hotnivå",
}

ROLES = {
    "case_worker": "handläggare",
    "exit_coordinator": "avhopparsamordnare",
    "team_leader": "gruppledare",
    "social_director": "socialchef",
    "security_chief": "säkerhetschef",
    "subcommittee": "socialutskottet",
    "committee_chair": "nämndens ordförande",
    "records_officer": "arkivansvarig",
    "data_protection_officer": "dataskyddsombud",
    "log_reviewer": "logggranskare",
    "system_admin": "systemadministratör",
    "national_coordinator": "nationell samordnare",
    "police_partner": "polis",
    "worker": "Utväg, automatiskt",
}


def rule_name(rule: str) -> str:
    """A rule as a person would name it.

    Args:
        rule: dotted path as in `shared.policy.Difference.rule`.
    """
    if rule in RULES:
        return RULES[rule]
    if rule.startswith("staff.demands."):
        return f"Krav på den som är {ROLES[rule.removeprefix('staff.demands.')]}"
    kind = rule.removeprefix("decisions.")
    if kind.startswith("immediate."):
        return f"Omedelbart beslut: {DECISIONS[kind.removeprefix('immediate.')]}"
    return f"Beslut: {DECISIONS[kind]}"


def say(value: Any) -> str:
    """A policy value as a Swedish phrase.

    Args:
        value: JSON types as in `shared.policy.Side.value`.
    """
    if value is None:
        return "saknas"
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return VALUES.get(value, ROLES.get(value, value))
    if isinstance(value, (list, tuple)):
        return ", ".join(say(each) for each in value) or "inga"
    return _say_table(value)


def _say_table(value: dict[str, Any]) -> str:  # noqa: C901, PLR0911, PLR0912 - one return for each variant
    match value:
        case {"kind": "calendar_days" | "working_days" as kind, "days": days}:
            return f"{days} {VALUES[kind]}"
        case {"kind": "from_age", "years": years}:
            return f"från {years} år"
        case {"kind": "organised_crime", "punishes_leaving": punishes}:
            return VALUES["organised_crime"] + (" som bestraffar utträde" if punishes else "")
        case {"kind": "belongs", "main_rule": main, "exceptions": exceptions}:
            return f"{VALUES['belongs']}: {say(main)}; undantag {say(exceptions)}"
        case {"kind": "phone_line", "opens_hour": opens, "closes_hour": closes, "weekdays": days}:
            return f"telefonlinje {'vardagar ' if days else ''}{opens}–{closes}"
        case {"kind": "without_delay", "immediate_decisions": at_once}:
            return "utan dröjsmål" + ("; omedelbara beslut kan fattas" if at_once else "")
        case {"kind": "on_call", "access_hours": hours, "answer_minutes": minutes}:
            return f"finns; tillgång i {hours} timmar, svar inom {minutes} minuter"
        case {"kind": "agreement", "last_day": last}:
            return "finns; gäller " + ("tillsvidare" if last is None else f"till och med {last}")
        case {"kind": "every_year", "month": month, "day": day}:
            return f"varje år, senast {day}/{month}"
        case {"kind": "followed_up", "within_days": days}:
            return f"inom {days} dagar från ändringen"
        case {"party": _, "text": text}:
            return str(text).rstrip(".")
        case {"kind": kind}:
            return VALUES[kind]
        case {"roles": roles, "second": second, "limit_days": limit}:
            return _say_row(roles, second, limit)
        case {"roles": roles, "confirm_working_days": days, "limit_days": limit}:
            confirmed = "nästa arbetsdag" if days == 1 else f"inom {days} arbetsdagar"
            return f"{_say_row(roles, [], limit)}, i jour; bekräftas {confirmed}"
        case {"competences": competences}:
            return say(competences)
        case {"applies": applies, "within_days": days, "grounds": grounds}:
            when = "samma dag" if days == 0 else f"inom {days} dagar"
            return f"{VALUES[applies]}, {when}; grund: {say(grounds)}"
        case {"high": high, "medium": medium, "low": low}:
            return f"hög: {say(high)}; medel: {say(medium)}; låg: {say(low)}"
        case _:
            return "; ".join(f"{say(key)}: {say(each)}" for key, each in value.items())


def _say_row(roles: list[str], second: list[str], limit: int | None) -> str:
    text = " eller ".join(ROLES[role] for role in roles)
    if second:
        text += ", tillsammans med en annan: " + " eller ".join(ROLES[role] for role in second)
    return text + (f"; högst {limit} dagar" if limit else "")
