"""The part of set-up that runs in the finished Python environment: servers and assets."""

import signal
import sys
from types import FrameType

from infra.setup import assets, keycloak, versions
from infra.setup.say import say
from infra.setup.trouble import Trouble


def main(lock: int) -> int:
    """Make what is not stamped; the exit code."""
    try:
        versions.refuse_old()
        if not keycloak.is_made():
            say("3/4 Keycloak (inloggning), 177 MB att hämta.")
            keycloak.make(lock)
        if not assets.is_made():
            say("4/4 Designsystem, typsnitt och htmx; Node hämtas för det, omkring 60 MB.")
            assets.make(lock)
    except Trouble as trouble:
        say(f"utvag: {trouble.sentence}\n  Gör så här: {trouble.way_out}")
        return trouble.code
    return 0


def _on_terminate(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _on_terminate)
    try:
        sys.exit(main(int(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(130)
