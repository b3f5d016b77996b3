"""What every test may ask for, and how hard properties are tried.

`UTVAG_HYPOTHESIS=thorough` tries each property a thousand times. No test is judged by its speed: the
machines are shared, so properties have no deadline.
"""

import gc
import os

from hypothesis import settings

# Thousands of tests and templates are kept for the whole run: to look through them for rubbish as
# often as Python does takes a tenth of the time. pytest collects at the end, so nothing is missed.
gc.set_threshold(50_000, 20, 100)

pytest_plugins = ["tests.support.order", "tests.support.servers"]

settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("UTVAG_HYPOTHESIS", "quick"))
