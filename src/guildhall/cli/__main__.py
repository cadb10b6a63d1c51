"""`python -m guildhall.cli`, where the installed command is not on the path."""

import sys

from guildhall.cli import main

sys.exit(main())
