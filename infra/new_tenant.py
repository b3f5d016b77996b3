"""Writes the folder that adds a municipality: name from the register, every value assumed."""

from pathlib import Path

from shared.ids import AuthorityCode, authority_code
from shared.policy import PolicyInvalid, municipality_register, tenants_root

TEMPLATE = AuthorityCode("0581")
COLOURS = ("#1d4f7c", "#0f5b55", "#6b2f5b", "#5c3d1e", "#2f5130", "#41416e")


def new_tenant(code: str, root: Path | None = None) -> Path:
    """Write `authority.toml` and `policy.toml` of one municipality, marked as assumed.

    A person then replaces the assumed values, one by one, by what the municipality's own documents
    say. Nothing else is needed: the next start finds the folder.

    Args:
        code: four digits, in the register.
        root: where to write; `tenants/` of the product where not named.

    Raises:
        PolicyInvalid: no such municipality, or the folder is there already.
    """
    register = municipality_register()
    known = register.get(authority_code(code))
    if known is None:
        raise PolicyInvalid(f"Ingen kommun har koden {code}.")
    folder = (root or tenants_root()) / code
    if folder.exists():
        raise PolicyInvalid(f"Mappen för {known.short_name} finns redan.")
    template = tenants_root() / TEMPLATE
    old = register[TEMPLATE]
    folder.mkdir(parents=True)
    for name in ("authority.toml", "policy.toml"):
        text = (template / name).read_text(encoding="utf-8")
        for was, now in (
            (f'code = "{TEMPLATE}"', f'code = "{code}"'),
            ("#6b2f5b", COLOURS[int(code) % len(COLOURS)]),
            (old.name, known.name),
            (old.short_name, known.short_name),
        ):
            text = text.replace(was, now)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


if __name__ == "__main__":  # pragma: no cover - the module's other use
    import sys

    print(new_tenant(sys.argv[1]))
