"""What every test may ask for, and how hard properties are tried.

`UTVAG_HYPOTHESIS=thorough` tries each property a thousand times. No test is judged by its speed: the
machines are shared, so properties have no deadline.
"""

import os

from hypothesis import settings

pytest_plugins = ["tests.support.servers"]

settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("UTVAG_HYPOTHESIS", "quick"))
