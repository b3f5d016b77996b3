"""What stops set-up, in words for the person at the keyboard."""

NOT_READY = 3
ENVIRONMENT = 4
INTERRUPTED = 130


class Trouble(Exception):  # noqa: N818  # reads as the sentence it is
    """Something outside the program is missing or wrong.

    Args:
        sentence: what is the matter, in Swedish.
        way_out: what the person does about it.
        code: the exit code.
    """

    def __init__(self, sentence: str, way_out: str, code: int = ENVIRONMENT) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.way_out = way_out
        self.code = code


AGAIN = "Kör samma kommando igen; då fortsätter det med det som fattas."
NETWORK = (
    "Se efter att nätet är på. Bakom en egen certifikatutgivare: ange dess fil i SSL_CERT_FILE. "
    + AGAIN
)
_KNOWN: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("DO NOT MATCH THE HASHES", "EINTEGRITY"),
        "Ett hämtat paket har inte den kontrollsumma som är nålad. Det kan ha kapats på vägen eller bytts ut.",
        "Inget av det installerades. "
        + AGAIN
        + " Upprepas det: fråga den som sköter ert paketförråd, och gå inte förbi kontrollen.",
    ),
    (
        ("No space left on device", "ENOSPC"),
        "Disken är full.",
        "Frigör minst 3 GB där utcheckningen ligger. " + AGAIN,
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED", "SELF_SIGNED_CERT", "UNABLE_TO_GET_ISSUER", "SSLError"),
        "Paketförrådets certifikat kunde inte kontrolleras.",
        "Har ert nät en egen certifikatutgivare: ange dess fil i SSL_CERT_FILE. " + AGAIN,
    ),
    (
        (
            "Temporary failure in name resolution",
            "Name or service not known",
            "Network is unreachable",
            "Connection refused",
            "ConnectionError",
            "NewConnectionError",
            "ReadTimeout",
            "ConnectTimeout",
            "IncompleteRead",
            "ProtocolError",
            "Connection broken",
            "incomplete-download",
            "ENOTFOUND",
            "EAI_AGAIN",
            "ECONNRE",
            "ETIMEDOUT",
        ),
        "Hämtningen bröts eller kom aldrig i gång: paketförrådet svarade inte.",
        NETWORK,
    ),
    (
        ("No matching distribution found", "Could not find a version"),
        "Ett nålat paket finns inte för den här datorn eller i ert paketförråd.",
        "Utväg körs på Linux (x86_64 eller aarch64, glibc) med Python 3.11 till 3.14. " + NETWORK,
    ),
)


def explain(output: str, what: str) -> Trouble:
    """The sentence for what a package client printed before it failed.

    Args:
        output: the client's own words.
        what: what it was doing, for the sentence when its words are not known.
    """
    for marks, sentence, way_out in _KNOWN:
        if any(mark in output for mark in marks):
            return Trouble(f"{what}: {sentence}", way_out)
    return Trouble(
        f"{what} gick inte.", "Vad programmet självt sade står i .utvag/log/setup.log. " + AGAIN
    )
