"""An authority's colour as a style sheet: served as `/static/colour/CODE.css`."""

from shared.policy import Authority

DARKER = 0.78
TINT = 0.92  # share of white in the tint behind menus


def colour_css(authority: Authority) -> str:
    """Sets the variables of FKUI and our own; white text stays readable on every one but the tint."""
    colour = authority.colour
    dark = _mix(colour, "#000000", 1 - DARKER)
    tint = _mix(colour, "#ffffff", TINT)
    hover = _mix(colour, "#ffffff", 0.84)
    names = {
        "u-authority": colour,
        "u-authority-dark": dark,
        "u-authority-tint": tint,
        "fkds-color-header-background-primary": colour,
        "fkds-color-navigation-border-selected": colour,
        "fkds-color-select-background-primary-default": colour,
        "fkds-color-select-background-primary-hover": hover,
        **{
            f"fkds-color-action-{part}-primary-{state}": colour if state == "default" else dark
            for part in ("text", "background", "border")
            for state in ("default", "hover", "active", "focus")
        },
        "fkds-color-action-background-secondary-default": "#ffffff",
        **{
            f"fkds-color-action-background-secondary-{state}": hover
            for state in ("hover", "active", "focus")
        },
    }
    return ":root{" + "".join(f"--{name}:{value};" for name, value in names.items()) + "}\n"


def _mix(colour: str, other: str, share: float) -> str:
    channels = (
        round(int(colour[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)
