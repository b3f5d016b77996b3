"""A node's worker process as it is run everywhere, with a sampler beside it.

`python -m infra.bench.worker CODE SETTINGS SAMPLES`.
"""

import sys
from pathlib import Path

from gateway.settings import load_settings
from gateway.worker import work
from infra.bench.sampling import Sampler

if __name__ == "__main__":
    Sampler(Path(sys.argv[3]))
    work(sys.argv[1], load_settings(Path(sys.argv[2])))
