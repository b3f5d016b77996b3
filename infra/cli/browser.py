"""Chromium for the browser tests: found, or installed where that is ours to do."""

import os
import shutil
import subprocess

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAY_OUT = (
    "Installera Chromium (Debian, Ubuntu: 'apt-get install chromium'), eller peka ut en med "
    "UTVAG_CHROMIUM=/sökväg, och kör samma kommando igen."
)


def find() -> str | None:
    """The browser's path."""
    named = os.environ.get("UTVAG_CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)


def ensure() -> str:
    """Have a Chromium; the empty text, or what to do where there is none.

    As root on a Debian system it is installed, and that is said: on a machine for tests nobody is
    there to ask.
    """
    if find():
        return ""
    apt = shutil.which("apt-get")
    if os.geteuid() == 0 and apt and not os.environ.get("UTVAG_CHROMIUM"):
        print("Chromium saknas; installerar det med apt-get (kör som root).", flush=True)
        install = "umask 022; $0 update -qq && $0 install -y -qq --no-install-recommends chromium"
        done = subprocess.run(
            ["/bin/sh", "-c", install, apt],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            check=False,
        )
        if find():
            return ""
        print(done.stderr[-2000:], flush=True)
    return (
        f"utvag: Här finns ingen Chromium, och webbläsarproven behöver en.\n  Gör så här: {WAY_OUT}"
    )
