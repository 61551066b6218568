"""`python -m sample_tts`."""

import sys

from sample_tts.cli import main

sys.exit(main())
