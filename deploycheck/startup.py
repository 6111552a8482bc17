"""The first plugin that pytest loads: it makes the loading of all others faster.

Until the checks are known, only modules and what they define come into being, and looking for garbage among them takes a tenth of a second.
deploycheck/plugin.py collects garbage again once they are known.
"""

import gc

gc.disable()
