"""What is missing or wrong on this machine, in plain words, each with what to do about it.

Changes nothing and needs nothing but the standard library: it must answer where nothing works.
"""

import json
from dataclasses import asdict

from infra.setup.around import AROUND, tree
from infra.setup.finding import BAD, Finding
from infra.setup.inside import INSIDE
from infra.setup.trouble import ENVIRONMENT


def examine() -> list[Finding]:
    """Look at everything; an examination that breaks is itself a finding.

    In a folder that cannot be used nothing inside is looked at: one cause, one finding.
    """
    findings = list(tree())
    usable = all(finding.level != BAD for finding in findings)
    for examination in AROUND + (INSIDE if usable else ()):
        try:
            findings += examination()
        except OSError as error:
            says = f"{examination.__name__} gick inte att undersöka: {error}"
            findings.append(Finding("Rättigheter", BAD, says, "Se efter rättigheterna i .utvag."))
    return findings


def main(*, as_json: bool) -> int:
    """Print what was found; the exit code."""
    findings = examine()
    is_well = all(finding.level != BAD for finding in findings)
    if as_json:
        facts = {"well": is_well, "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            print(f"{finding.level:<4}{finding.what}: {finding.says}")
            if finding.way_out:
                print(f"      Gör så här: {finding.way_out}")
        print("Inget hindrar Utväg här." if is_well else "Något hindrar: se raderna märkta 'fel'.")
    return 0 if is_well else ENVIRONMENT
