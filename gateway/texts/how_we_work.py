"""The steps of the work in plain Swedish, and which rules of the policy belong to each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Args:
        rules: paths of the policy; one that ends in a dot takes everything below it.
    """

    title: str
    text: str
    rules: tuple[str, ...]

    def takes(self, rule: str) -> bool:
        """Whether the rule belongs to this step; a rule goes to the first that takes it."""
        return any(
            rule == each or (each.endswith(".") and rule.startswith(each)) for each in self.rules
        )


STEPS = (
    Step(
        "Kontakt",
        "Någon hör av sig: personen själv, en anhörig eller en annan myndighet. Vi svarar och "
        "öppnar ett ärende om personen vill. Den som bara vill ha råd behöver inte säga vem hen är.",
        ("intake.urgency", "intake.anonymous_contact", "intake.first_contact_working_days"),
    ),
    Step(
        "Anmälan och oro",
        "När någon annan anmäler följer vi stegen i ordning. Varje steg har en rättslig grund, och "
        "det syns vem som fick veta vad. En gruppledare beslutar om utredning ska inledas.",
        ("intake.", "decisions.investigation.open", "decisions.investigation.not_open"),
    ),
    Step(
        "Handläggare",
        "Ärendet får en handläggare som har intygat att det inte finns jäv. Så få som möjligt har "
        "tillgång, och det syns vem som gav den och varför.",
        ("cases.work.handler_suitability", "staff.demands.", "decisions.case.assign"),
    ),
    Step(
        "Tillhörighet",
        "Vi utreder vilken kommun personen tillhör. Skyddad folkbokföring är inget bevis. Hör "
        "personen till en annan kommun ansvarar vi tills den har tagit över.",
        ("cases.entry.residence", "decisions.residence.find"),
    ),
    Step(
        "Hot och skydd",
        "Polisen bedömer hotet, aldrig vi. Nivån avgör vilken del av polisen som svarar, och när "
        "bedömningen görs om. Adress och telefon ligger för sig.",
        (
            "protection.",
            "staff.",
            "decisions.vault.reveal",
            "decisions.break_glass.review",
            "decisions.protection.lower",
        ),
    ),
    Step(
        "Samtycke",
        "Personen väljer vem vi får dela uppgifter med, vilka uppgifter och hur länge. Ett "
        "återkallat samtycke gäller genast.",
        ("cases.consent.", "cases.entry.consent"),
    ),
    Step(
        "Behov",
        "Vi går igenom vad personen behöver, område för område.",
        ("cases.work.need_sections",),
    ),
    Step(
        "Gemensam bedömning",
        "Varje kriterium besvaras med skäl och undertecknas. Den som inte antas har kvar rätten "
        "att söka bistånd, och får veta hur man överklagar.",
        ("cases.entry.", "decisions.entry.assess", "decisions.entry.refuse"),
    ),
    Step(
        "Bistånd",
        "En ansökan om bistånd prövas för sig, med skäl och lagrum, av den som "
        "delegationsordningen nämner. Beslutet kan överklagas.",
        ("decisions.aid.", "decisions.care.", "decisions.immediate."),
    ),
    Step(
        "Genomförande, uppföljning och återfall",
        "Planen följs upp med personen. Vid återfall hörs personen, hotet bedöms på nytt och "
        "stödet prövas, innan någon utesluts.",
        ("cases.work.follow_up_months", "cases.work.relapse", "decisions.exclusion.decide"),
    ),
    Step(
        "Överlämning till en annan kommun",
        "Två personer föreslår och två svarar. Vi ansvarar tills den andra kommunen har tagit över.",
        ("handover.", "decisions.handover."),
    ),
    Step(
        "Avslut och bevarande",
        "Ärendet avslutas med skäl. Akten gallras eller bevaras enligt lag, av två personer.",
        (
            "cases.work.retention",
            "cases.work.retention_years",
            "decisions.case.close",
            "decisions.purge.decide",
        ),
    ),
    Step(
        "Ansvar och uppföljning av arbetet",
        "Så styrs arbetet, och så följs det upp.",
        (
            "cases.governance.",
            "cases.work.follow_up_report",
            "follow_up.",
            "decisions.policy.change",
            "decisions.disclosure.decide",
            "decisions.file.export",
        ),
    ),
)
REST = Step("Övrigt", "Regler som gäller i hela arbetet.", ())
"""Whatever no step has named: a rule that binds is never left out."""
